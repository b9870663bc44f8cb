import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBai2 } from '../../../connectors/payments/bank/bai2.ts';
import { type CsvMapping, parseBankCsv } from '../../../connectors/payments/bank/csv.ts';
import { BankFileRejection } from '../../../connectors/payments/bank/entry.ts';
import { parseMt940 } from '../../../connectors/payments/bank/mt940.ts';
import { codeOfA } from '../../refusals.ts';

const codeOf = codeOfA(BankFileRejection);

/** Whatever is cut out of a file, it is read with a sum that holds, or rejected. */
function survivesCuts(whole: string, parse: (content: string) => unknown): void {
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(40), (from, length) => {
      try {
        parse(whole.slice(0, from) + whole.slice(from + length));
      } catch (error) {
        expect(error).toBeInstanceOf(BankFileRejection);
      }
    }),
    { numRuns: 300 },
  );
}

describe('MT940', () => {
  const file = [
    '{1:F01BANKDEFFXXXX0000000000}{2:I940}{4:',
    ':20:STARTUMSE',
    ':25:12030000/0000202051',
    ':28C:00017/001',
    ':60F:C261231EUR1000,00',
    ':61:2701021231CR1190,00NTRFNONREF//BANK-1',
    ':86:166?00GUTSCHRIFT?109310?20EREF+E2E-77?21SVWZ+Rechnung Nr INV-2026-0?22001 danke',
    '?30COBADEFF?31DE89370400440532013000?32Muster GmbH und?33 Co KG',
    ':61:2701020102D12,5NCHGNONREF',
    ':86:Kontofuehrung',
    ':61:2701020102RC100,NTRFKUND-9//BANK-2',
    ':86:109?00RUECKLAST?20SVWZ+RETURN AC04 INV-2026-0002',
    ':62F:C270102EUR2077,50',
    '-}',
  ];

  it('reads entries, German fields, dates around New Year and what came back', () => {
    const [statement] = parseMt940(file.join('\r\n'));
    expect(statement).toMatchObject({
      identity: '12030000/0000202051:00017/001:2027-01-02',
      openingMinor: 100_000,
      closingMinor: 207_750,
    });
    const [credit, fee, returned] = statement?.entries ?? [];
    expect(credit).toMatchObject({
      identity: '12030000/0000202051:BANK-1',
      kind: 'received',
      amountMinor: 119_000,
      bookedOn: '2026-12-31',
      valueOn: '2027-01-02',
      reference: 'Rechnung Nr INV-2026-0001 danke',
      endToEndId: 'E2E-77',
      payerName: 'Muster GmbH und Co KG',
      payerIban: 'DE89370400440532013000',
    });
    expect(fee).toMatchObject({ kind: 'other', amountMinor: -1_250, reference: 'Kontofuehrung' });
    expect(returned).toMatchObject({
      kind: 'reversed',
      amountMinor: -10_000,
      returnReason: 'AC04',
    });
  });

  it('rejects what does not add up or is no entry', () => {
    const text = file.join('\n');
    expect(codeOf(() => parseMt940(text.replace('2077,50', '2077,51')))).toBe('balance-differs');
    expect(codeOf(() => parseMt940(text.replace('CR1190', 'X1190')))).toBe('not-readable');
    expect(codeOf(() => parseMt940(text.replace(/:60F:.*/, '')))).toBe('balance-missing');
    expect(codeOf(() => parseMt940('nothing'))).toBe('not-readable');
    survivesCuts(text, parseMt940);
  });

  it('reads pages of one statement, each by itself', () => {
    const page = (first: string, last: string, number: number) =>
      `:20:X\n:25:ACC\n:28C:5/${number}\n${first}\n:61:2611200000C10,00NTRFNONREF\n${last}\n-`;
    const bad = page(':60F:C261119EUR0,00', ':62M:C261120EUR10,00', 1);
    expect(codeOf(() => parseMt940(bad))).toBe('date-invalid');
    const pages = [
      page(':60F:C261119EUR0,00', ':62M:C261120EUR10,00', 1),
      page(':60M:C261120EUR10,00', ':62F:C261120EUR20,00', 2),
    ].map((one) => one.replace('2611200000', '2611201120'));
    const read = parseMt940(pages.join('\n'));
    expect(read.map(({ closingMinor }) => closingMinor)).toEqual([1_000, 2_000]);
    // The same amount and text on either page are two payments; the same page twice is one.
    const identities = (files: string[]) =>
      parseMt940(files.join('\n')).flatMap(({ entries }) =>
        entries.map(({ identity }) => identity),
      );
    expect(new Set(identities(pages)).size).toBe(2);
    expect(identities([...pages, ...pages])).toEqual([...identities(pages), ...identities(pages)]);
  });
});

describe('BAI2', () => {
  const file = [
    '01,BANK,US,261120,0600,1,80,,2/',
    '02,US,BANK,1,261119,,USD,2/',
    '03,4711,USD,010,100000,,,015,217500,,/',
    '16,142,119000,Z,BREF1,INV-1/',
    '88,ORIG CO NAME: ACME INC  INV-2026-0001',
    '16,195,500,V,261120,0800,BREF2,,wire, for INV-2/',
    '16,557,2000,,BREF3,,RETURN ITEM/',
    '49,439000,6/',
    '98,439000,1,8/',
    '99,439000,1,10/',
  ];
  // entries: +119000 +500 −2000 = 117500; control: 100000 + 217500 + 119000 + 500 + 2000 = 439000

  it('reads transactions with continuations and funds types', () => {
    const [statement] = parseBai2(file.join('\n'));
    expect(statement).toMatchObject({
      account: '4711',
      openingMinor: 100_000,
      closingMinor: 217_500,
    });
    expect(
      statement?.entries.map((one) => [one.kind, one.amountMinor, one.bankReference, one.valueOn]),
    ).toEqual([
      ['received', 119_000, 'BREF1', null],
      ['received', 500, 'BREF2', '2026-11-20'],
      ['reversed', -2_000, 'BREF3', null],
    ]);
    expect(statement?.entries[0]?.reference).toContain('INV-2026-0001');
    expect(statement?.entries[0]?.payerName).toBe('ACME INC');
    expect(statement?.entries[1]?.reference).toBe('wire, for INV-2');
  });

  it('rejects totals and balances that do not hold', () => {
    const text = file.join('\n');
    expect(codeOf(() => parseBai2(text.replace('49,439000', '49,439001')))).toBe('control-differs');
    expect(codeOf(() => parseBai2(text.replace('99,439000,1,10', '99,439000,1,11')))).toBe(
      'control-differs',
    );
    const shifted = text.replace('015,217500', '015,217600').replaceAll('439000', '439100');
    expect(codeOf(() => parseBai2(shifted))).toBe('balance-differs');
    expect(codeOf(() => parseBai2(file.slice(0, -1).join('\n')))).toBe('not-readable');
    survivesCuts(text, parseBai2);
  });
});

describe('CSV', () => {
  const mapping: CsvMapping = {
    account: 'DE02120300000000202051',
    currency: 'EUR',
    delimiter: ';',
    decimal: ',',
    dateFormat: 'DD.MM.YYYY',
    skipLines: 1,
    columns: {
      bookedOn: 'Buchung',
      amount: 'Betrag',
      reference: ['Zweck', 'Zweck2'],
      payerName: 'Name',
      payerIban: 'IBAN',
      balanceAfter: 'Saldo',
      status: 'Status',
    },
    pendingValues: ['vorgemerkt'],
  };
  const head = 'Konto;x\nBuchung;Betrag;Zweck;Zweck2;Name;IBAN;Saldo;Status\n';
  const rows = [
    '20.11.2026;-5,00;Entgelt;;Bank;;1.285,00;',
    '20.11.2026;1.190,00;"INV-2026-0001; danke";2026;Muster;DE89 3704 0044 0532 0130 00;1.290,00;',
  ];

  it('reads by its mapping, newest first or last, checked by the running balance', () => {
    const [newestFirst] = parseBankCsv(`\uFEFF${head}${rows.join('\n')}`, mapping);
    expect(newestFirst).toMatchObject({ openingMinor: 10_000, closingMinor: 128_500 });
    expect(newestFirst?.entries[1]).toMatchObject({
      kind: 'received',
      amountMinor: 119_000,
      bookedOn: '2026-11-20',
      reference: 'INV-2026-0001; danke 2026',
      payerIban: 'DE89370400440532013000',
    });
    const pending = '21.11.2026;9,00;;;;;;vorgemerkt';
    const [withPending] = parseBankCsv(head + [...rows, pending].join('\n'), mapping);
    expect([withPending?.entries.length, withPending?.pendingCount]).toEqual([2, 1]);
  });

  it('rejects what does not add up, bad values and unknown columns', () => {
    const text = head + rows.join('\n');
    expect(codeOf(() => parseBankCsv(text.replace('1.285', '1.286'), mapping))).toBe(
      'balance-differs',
    );
    expect(codeOf(() => parseBankCsv(text.replace('-5,00', 'five'), mapping))).toBe(
      'amount-invalid',
    );
    expect(codeOf(() => parseBankCsv(text.replace('20.11.', '31.11.'), mapping))).toBe(
      'date-invalid',
    );
    expect(codeOf(() => parseBankCsv(text.replace('Betrag', 'Menge'), mapping))).toBe(
      'field-missing',
    );
  });
});
