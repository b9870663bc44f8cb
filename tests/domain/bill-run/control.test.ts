/** The control sheet after people have decided: what goes where, and that it still adds up. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ControlSheet, decidedSheet } from '../../../domain/bill-run/control.ts';

it('moves what was left out and what is held out of what is invoiced, credit notes too', () => {
  const sheet = new ControlSheet();
  sheet.add('EUR', 'invoiced', 1000);
  sheet.add('EUR', 'invoiced', 500);
  sheet.add('EUR', 'credited', -200);
  sheet.add('EUR', 'held', 70);
  sheet.add('USD', 'invoiced', 9);
  const decided = decidedSheet(sheet.sheet(), [
    { isCredit: false, currency: 'EUR', netMinor: 1000, decision: 'exclude' },
    { isCredit: false, currency: 'EUR', netMinor: 500, decision: 'hold' },
    { isCredit: true, currency: 'EUR', netMinor: -200, decision: 'exclude' },
    { isCredit: false, currency: 'USD', netMinor: 9, decision: 'include' },
  ]);
  const none = { credited: 0, held: 0, excluded: 0, setAside: 0, carried: 0 };
  expect(decided).toEqual({
    EUR: { ...none, due: 1370, invoiced: 0, excluded: 800, held: 570 },
    USD: { ...none, due: 9, invoiced: 9 },
  });
});

it('law: adds up whatever is decided, and is as computed where all is included', () => {
  const document = fc.record({
    isCredit: fc.boolean(),
    netMinor: fc.integer({ min: 1, max: 1_000_000 }),
    decision: fc.constantFrom('include' as const, 'exclude' as const, 'hold' as const),
  });
  fc.assert(
    fc.property(fc.array(document), (given) => {
      const documents = given.map(({ isCredit, netMinor, decision }) => ({
        ...{ isCredit, decision, currency: 'EUR' },
        netMinor: isCredit ? -netMinor : netMinor,
      }));
      const sheet = new ControlSheet();
      for (const { isCredit, netMinor } of documents)
        sheet.add('EUR', isCredit ? 'credited' : 'invoiced', netMinor);
      const computed = sheet.sheet();
      const after = decidedSheet(computed, documents).EUR;
      if (after === undefined) return documents.length === 0;
      const { due, invoiced, held, excluded, setAside, carried } = after;
      const included = documents.filter(({ decision }) => decision === 'include');
      const goesOut = included.reduce((sum, { netMinor }) => sum + netMinor, 0);
      return due === invoiced + held + excluded + setAside + carried && invoiced === goesOut;
    }),
  );
});
