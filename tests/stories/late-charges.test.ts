/** Being late costs what was agreed, and mail leaves on business days: told by dates. */
import { expect, it } from 'vitest';
import { getInvoice, invoicesOfAccount, mailsOf } from '../../db/index.ts';
import { addDays } from '../../domain/dates/dates.ts';
import { nextWorkingDay } from '../../domain/dates/holidays.ts';
import { useTimeSkipping } from '../infrastructure/engines.ts';
import { beginTerm, billMonth, invoiceOf, receive } from './telling.ts';

const timeSkipping = useTimeSkipping('file');

it('bills on a holiday, mails on the next business day, and charges interest and a fee with the final notice', async (context) => {
  const holidays = '02-15';
  const { world, year } = await beginTerm(timeSkipping(context), 3, {
    lateCharge: '10 % a year, fee 10',
    holidays,
  });
  const { db } = world;
  try {
    await billMonth(world, `${year}-02`);
    const invoice = await invoiceOf(world, 'C-1001');
    expect(invoice.issuedOn).toBe(`${year}-02-15`);
    const mailOn = nextWorkingDay(`${year}-02-15`, holidays);
    expect(mailOn > invoice.issuedOn).toBe(true);
    await world.until(addDays(mailOn, -1));
    expect(await mailsOf(db, { account: 'A-1' })).toEqual([]);
    await world.until(mailOn);
    await world.eventually('the invoice mail', async () => world.mails.length > 0);
    const [mail] = await mailsOf(db, { account: 'A-1' });
    expect(mail).toMatchObject({ kind: 'invoice', sentOn: mailOn, state: 'sent' });

    const chargedOn = addDays(invoice.dueOn, 30);
    await world.until(chargedOn);
    const late = await world.eventually('the late charge', async () => {
      const all = await invoicesOfAccount(db, 'A-1');
      return all.find(({ type }) => type === 'late_charge');
    });
    // 2,856.00 × 10 % × 30/365 = 23.47, and 10.00.
    expect(late).toMatchObject({ issuedOn: chargedOn, totalMinor: 2347 + 1000, taxMinor: 0 });
    expect(late.documentKey).toBe(`late-charge:${invoice.invoice}:4`);
    expect(late.reminderStage).toBe(4);
    const { lines } = (await getInvoice(db, late.invoice)) ?? { lines: [] };
    expect(lines.map(({ taxCategory, netMinor }) => [taxCategory, netMinor])).toEqual([
      ['O', 2347],
      ['O', 1000],
    ]);
    await world.until(nextWorkingDay(chargedOn, holidays));
    const charged = await world.eventually('its mail', async () => {
      return world.mails.find(({ subject }) => subject?.includes(late.invoice));
    });
    expect(charged.attachments[0]?.contentType).toBe('application/pdf');

    const amountMinor = invoice.totalMinor + late.totalMinor;
    const reference = `${invoice.invoice} ${late.invoice}`;
    const on = nextWorkingDay(chargedOn, holidays);
    await receive(world, { payment: 'bank:late', on, amountMinor, reference });
    for (const number of [invoice.invoice, late.invoice])
      expect((await getInvoice(db, number))?.invoice.state).toBe('paid');
    await world.saveHistory(invoice.documentKey ?? '', 'invoice-late-charged');
  } finally {
    await world.end();
  }
});
