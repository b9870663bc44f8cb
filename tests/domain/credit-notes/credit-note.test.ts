/** Credit notes and voids (docs/rules/billing-rules.md §4). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CreditNote,
  creditNoteFor,
  type IssuedLine,
  remainderOf,
  voidRules,
} from '../../../domain/credit-notes/credit-note.ts';

const line = (given: Partial<IssuedLine> = {}): IssuedLine => ({
  line: '1',
  net: 27332,
  tax: 5466,
  taxCategory: 'S',
  taxRate: '20',
  ...given,
});

describe('credit notes', () => {
  it('4 × 68.33 + 20 % = 327.98 credits as 82.00 three times, then 81.98', () => {
    const invoice = [line()];
    const notes: CreditNote[] = [];
    for (let part = 0; part < 4; part += 1)
      notes.push(creditNoteFor(invoice, [{ line: '1', net: 6833 }], notes));
    expect(notes.map((note) => note.total)).toEqual([-8200, -8200, -8200, -8198]);
    expect(remainderOf(invoice, notes)).toEqual([]);
    expect(() => creditNoteFor(invoice, [{ line: '1', net: 1 }], notes)).toThrow('left to credit');
  });
  it('whatever the parts, nothing is left over', () => {
    const lines = fc.array(
      fc.record({
        net: fc.integer({ min: 1, max: 100_000 }),
        tax: fc.integer({ min: 0, max: 20_000 }),
        taxRate: fc.constantFrom('0', '7', '19', '6.25'),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.integer({ min: 1, max: 60_000 }), { maxLength: 8 }),
        (given, cuts) => {
          const invoice = given.map((row, at) => line({ ...row, line: String(at + 1) }));
          const notes: CreditNote[] = [];
          for (const [at, cut] of cuts.entries()) {
            const open = remainderOf(invoice, notes);
            const part = open[at % Math.max(1, open.length)];
            if (part === undefined) break;
            const net = Math.min(cut, part.net);
            notes.push(creditNoteFor(invoice, [{ line: part.line, net }], notes));
          }
          const rest = remainderOf(invoice, notes);
          if (rest.length > 0) notes.push(creditNoteFor(invoice, rest, notes));
          const total = (rows: readonly { readonly net: number; readonly tax: number }[]) =>
            rows.reduce((sum, row) => sum + row.net + row.tax, 0);
          expect(total(notes)).toBe(-total(invoice));
          for (const note of notes) {
            expect(note.taxes.reduce((sum, part) => sum + part.tax, 0)).toBe(note.tax);
            expect(note.taxes.reduce((sum, part) => sum + part.base, 0)).toBe(note.net);
          }
        },
      ),
    );
  });
  it('keeps the treatment of each line, apart by category and rate', () => {
    const invoice = [
      line(),
      line({ line: '2', net: 10000, tax: 0, taxCategory: 'AE', taxRate: '0' }),
    ];
    const note = creditNoteFor(invoice, remainderOf(invoice, []), []);
    expect(note.taxes).toEqual([
      { category: 'S', rate: '20', base: -27332, tax: -5466 },
      { category: 'AE', rate: '0', base: -10000, tax: 0 },
    ]);
  });
  it('refuses what makes no sense, each with its code', () => {
    const invoice = [line()];
    const code = (parts: Parameters<typeof creditNoteFor>[1]) => {
      try {
        creditNoteFor(invoice, parts, []);
        return null;
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    expect(code([{ line: '9', net: 1 }])).toBe('line-unknown');
    expect(code([{ line: '1', net: 27333 }])).toBe('credit-too-much');
    expect(code([{ line: '1', net: -1 }])).toBe('credit-too-much');
    expect(code([{ line: '1', net: 0 }])).toBe('credit-nothing');
    expect(
      code([
        { line: '1', net: 1 },
        { line: '1', net: 1 },
      ]),
    ).toBe('line-twice');
  });
  it('a line that was a credit itself is taken back with the other sign', () => {
    const note = creditNoteFor([line({ net: -1000, tax: -200 })], [{ line: '1', net: -400 }], []);
    expect(note).toMatchObject({ net: 400, tax: 80, total: 480 });
  });
});

describe('parts of nothing', () => {
  it('a note needs one part that takes something off; what is credited in full is left out of the rest', () => {
    const invoice = [line(), line({ line: '2', net: 100, tax: 20 })];
    const note = creditNoteFor(
      invoice,
      [
        { line: '1', net: 0 },
        { line: '2', net: 100 },
      ],
      [],
    );
    expect(note).toMatchObject({ net: -100, tax: -20 });
    const again = () => creditNoteFor(invoice, [{ line: '2', net: 1 }], [note]);
    expect(again).toThrow('line 2 has 0 left to credit');
    expect(() => creditNoteFor(invoice, [{ line: '2', net: -1 }], [note])).toThrow('0 left');
    expect(remainderOf(invoice, [note]).map((part) => part.line)).toEqual(['1']);
  });

  it('tax that was left over by a rounding is credited with the last of a line', () => {
    const small = [line({ net: 2, tax: 1 })];
    const first = creditNoteFor(small, [{ line: '1', net: 1 }], []);
    const last = creditNoteFor(small, [{ line: '1', net: 1 }], [first]);
    expect([first.tax + last.tax, first.net + last.net]).toEqual([-1, -2]);
  });
});

describe('void', () => {
  const fresh = { state: 'issued', sent: false, allocatedMinor: 0, creditNotes: 0 };
  it('is for what nobody has seen or paid', () => {
    expect(voidRules(fresh)).toEqual({ allowed: true });
    expect(voidRules({ ...fresh, sent: true })).toMatchObject({
      allowed: false,
      code: 'invoice-sent',
    });
    expect(voidRules({ ...fresh, allocatedMinor: 1 })).toMatchObject({ code: 'invoice-paid' });
    expect(voidRules({ ...fresh, creditNotes: 1 })).toMatchObject({ code: 'invoice-credited' });
    expect(voidRules({ ...fresh, state: 'void' })).toMatchObject({ code: 'already-void' });
  });
});
