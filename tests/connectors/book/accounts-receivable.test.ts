import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAccountsReceivable } from '../../../connectors/book/accounts-receivable.ts';

describe('the accounts-receivable sample', () => {
  it('maps its twelve columns', async () => {
    const book = await readAccountsReceivable(
      'examples/accounts-receivable/accounts-receivable.csv',
    );
    expect([book.accounts.length, book.invoices.length, book.payments.length]).toEqual([
      100, 2466, 2466,
    ]);
    expect(book.invoices[0]).toMatchObject({
      invoice: '611365',
      account: '0379-NEVHP',
      issued: '2013-01-02',
      due: '2013-02-01',
      total: '55.94',
      status: 'paid',
      disputed: false,
      custom: { PaperlessBill: 'Paper', DaysToSettle: '13', DaysLate: '0' },
    });
    expect(book.payments[0]).toMatchObject({
      payment: 'IBM-611365',
      received: '2013-01-15',
      amount: '55.94',
    });
    expect(book.accounts[0]).toMatchObject({
      country: null,
      custom: { countryCode: '391', PaperlessDate: '4/6/2013' },
    });
    expect(book.invoices.filter(({ disputed }) => disputed)).toHaveLength(561);
  });

  it('names row, column and value of what it cannot read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-sample-'));
    const file = join(folder, 'x.csv');
    const header =
      'countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,PaperlessBill,DaysToSettle,DaysLate';
    await writeFile(
      file,
      `${header}\n391,A,4/6/2013,1,2/30/2013,2/1/2013,5,No,1/15/2013,Paper,13,0\n`,
    );
    await expect(readAccountsReceivable(file)).rejects.toThrow(/row 2, InvoiceDate: "2\/30\/2013"/);
    await writeFile(
      file,
      `${header.replace('Disputed', 'Other')}\n391,A,4/6/2013,1,2/3/2013,2/1/2013,5,No,1/15/2013,Paper,13,0\n`,
    );
    await expect(readAccountsReceivable(file)).rejects.toThrow(/no column Disputed/);
    await rm(folder, { recursive: true });
  });
});
