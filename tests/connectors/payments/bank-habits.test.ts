/** What banks really send: each case is a habit of some bank, in a file of our own making. */
import { describe, expect, it } from 'vitest';
import { parseBai2 } from '../../../connectors/payments/bank/bai2.ts';
import { parseCamt053 } from '../../../connectors/payments/bank/camt053.ts';
import { type CsvMapping, parseBankCsv } from '../../../connectors/payments/bank/csv.ts';
import { previewCsv } from '../../../connectors/payments/bank/csv-preview.ts';
import { BankFileRejection } from '../../../connectors/payments/bank/entry.ts';
import { formatOf } from '../../../connectors/payments/bank/file.ts';
import { parseMt940 } from '../../../connectors/payments/bank/mt940.ts';
import { codeOfA } from '../../refusals.ts';

const codeOf = codeOfA(BankFileRejection);

describe('references that a bank uses again', () => {
  const page = (entries: readonly string[], closing: string) => [
    ':20:X',
    ':25:ACC',
    ':28C:1',
    ':60F:C260105EUR0,',
    ...entries,
    `:62F:C260106EUR${closing}`,
  ];
  const read = (entries: readonly string[], closing: string) =>
    parseMt940(page(entries, closing).join('\n'))[0]?.entries ?? [];

  it('name entries that only the facts tell apart; the second of the same facts has a name of its own', () => {
    const entries = read(
      [':61:2601050105C10,NTRFKREF+', ':61:2601060106C20,NTRFKREF+', ':61:2601060106C20,NTRFKREF+'],
      '50,',
    );
    const [first, second, twin] = entries;
    expect([first?.identity, second?.identity]).toEqual(['ACC:KREF+', 'ACC:KREF+']);
    expect(twin?.identity).toBe(twin?.factsIdentity);
    expect(new Set(entries.map(({ factsIdentity }) => factsIdentity)).size).toBe(3);
  });

  it('leave an entry its facts, whatever else the file holds', () => {
    const alone = read([':61:2601060106C20,NTRFKREF+'], '20,');
    const second = read([':61:2601050105C10,NTRFKREF+', ':61:2601060106C20,NTRFKREF+'], '30,');
    expect(alone[0]?.factsIdentity).toBe(second[1]?.factsIdentity);
  });
});

describe('MT940', () => {
  const abnAmro = [
    'ABNANL2A',
    '940',
    'ABNANL2A',
    ':25:NL02ABNA0123456789',
    ':28:19321/1',
    ':60F:C260105EUR100,00',
    ':61:2601060106C1190,N526NONREF',
    ':86:/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/',
    'J. Jansen en Zn/REMI/INV-2026-0001 met dank/EREF/NOTPROVIDED',
    ':61:2601060106D50,N526NONREF',
    ':86:/TRTP/SEPA Incasso terugboeking/IBAN/NL91ABNA0417164300/NAME/Jansen/MARF/M-1/RTRN/MD06/EREF/E-9',
    ':62F:C260106EUR1240,00',
    '-',
    'ABNANL2A',
    '940',
    'ABNANL2A',
    ':25:NL02ABNA0123456789',
    ':28:19322/1',
    ':60F:C260106EUR1240,00',
    ':61:2601070107C1,NTRFEREF//14006711073704',
    '/TRCD/00100/',
    ':86:/EREF/E-10//CNTP/NL92RABO0300065264/RABONL2U/Piet///REMI/USTD//INV-7/',
    ':62F:C260107EUR1241,00',
    '-',
  ].join('\r\n');

  it('without :20:, with the bank’s name between messages, and code words between slashes', () => {
    expect(formatOf(abnAmro)).toBe('mt940');
    const statements = parseMt940(abnAmro);
    expect(statements.map(({ closingMinor }) => closingMinor)).toEqual([124_000, 124_100]);
    const [credit, returned] = statements[0]?.entries ?? [];
    expect(credit).toMatchObject({
      kind: 'received',
      reference: 'INV-2026-0001 met dank',
      payerName: 'J. Jansen en Zn',
      payerIban: 'NL91ABNA0417164300',
      endToEndId: null,
    });
    expect(returned).toMatchObject({
      kind: 'reversed',
      returnReason: 'MD06',
      mandateId: 'M-1',
      endToEndId: 'E-9',
    });
    expect(statements[1]?.entries[0]).toMatchObject({
      reference: 'INV-7',
      payerName: 'Piet',
      payerIban: 'NL92RABO0300065264',
      endToEndId: 'E-10',
      bankReference: '14006711073704',
    });
  });

  it('with its blocks on lines of their own', () => {
    const message = (number: number, from: string, to: string) =>
      `{1:F01BANKDEFFXXXX0000000000}\n{2:I940}\n{4:\n:20:X\n:25:ACC\n:28C:${number}/1\n` +
      `:60F:C260105EUR${from},\n:61:2601050105C5,NTRFNONREF\n:86:free text\n:62F:C260105EUR${to},\n-}\n`;
    const read = parseMt940(message(1, '0', '5') + message(2, '5', '10'));
    expect(read.map(({ closingMinor }) => closingMinor)).toEqual([500, 1000]);
    expect(formatOf(':940:\n:20:940S260105\n')).toBe('mt940');
  });
});

describe('BAI2', () => {
  const file = (status: string, balances: string, control: number) =>
    [
      '01,BANK,US,260105,0600,1,,,2/',
      `02,US,BANK,${status},260105,,USD,2/`,
      `03,4711,,${balances}/`,
      '16,165,5000,,REF-1,,INV-1/',
      '16,890,,,REF-2,,A REMARK/',
      `49,${control},4/`,
      `98,${control},1,6/`,
      `99,${control},1,8/`,
    ].join('\n');

  it('with the closing balance alone, and records that carry words, no money', () => {
    const [statement] = parseBai2(file('1', '015,7000,,,045,7000,,', 19_000));
    expect(statement).toMatchObject({ openingMinor: null, closingMinor: 7000 });
    expect(statement?.entries.map(({ amountMinor }) => amountMinor)).toEqual([5000]);
    expect(codeOf(() => parseBai2(file('1', '045,7000,,', 12_000)))).toBe('balance-missing');
  });

  it('that is a test or takes an earlier file back books nothing', () => {
    for (const status of ['2', '4'])
      expect(codeOf(() => parseBai2(file(status, '015,7000,,', 12_000)))).toBe('not-readable');
    expect(codeOf(() => parseBai2(file('3', '015,7000,,', 12_000)))).toBe('answered');
  });
});

describe('camt.053', () => {
  const balance = (code: string, amount: string) =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt>` +
    '<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-05</Dt></Dt></Bal>';
  const entry = (amount: string, sign: string, rest = '') =>
    `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${sign}</CdtDbtInd>${rest}<Sts>BOOK</Sts>` +
    '<BookgDt><Dt>2026-01-05+01:00</Dt></BookgDt><AcctSvcrRef>R-1</AcctSvcrRef></Ntry>';
  const statement = (page: string, inner: string) =>
    `<Stmt><Id>S</Id>${page}<ElctrncSeqNb>5</ElctrncSeqNb>` +
    `<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>${inner}</Stmt>`;
  const document = (inner: string) =>
    `<n:Document xmlns:n="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><n:BkToCstmrStmt>${inner
      .replaceAll('</', '</n:')
      .replaceAll(/<(\w)/g, '<n:$1')}</n:BkToCstmrStmt></n:Document>`;
  const pageOf = (number: number, last: boolean) =>
    `<StmtPgntn><PgNb>${number}</PgNb><LastPgInd>${last}</LastPgInd></StmtPgntn>`;

  it('in pages, each from one interim balance to the next', () => {
    const first = balance('OPBD', '0') + balance('ITBD', '5.00000') + entry('5.00000', 'CRDT');
    const last = balance('ITBD', '5') + balance('CLBD', '7') + entry('2', 'CRDT');
    const read = parseCamt053(
      document(statement(pageOf(1, false), first) + statement(pageOf(2, true), last)),
    );
    expect(read.map(({ identity, closingMinor }) => [identity, closingMinor])).toEqual([
      ['DE02120300000000202051:5/1:2026-01-05', 500],
      ['DE02120300000000202051:5/2:2026-01-05', 700],
    ]);
    const missing = document(statement('', balance('ITBD', '0') + entry('5', 'CRDT')));
    expect(codeOf(() => parseCamt053(missing))).toBe('balance-differs');
  });

  it('in an envelope of its transport, with a number for true', () => {
    const inner =
      balance('OPBD', '10') +
      balance('CLBD', '10') +
      entry('4', 'CRDT') +
      entry('4', 'DBIT', '<RvslInd>1</RvslInd>');
    const xml = `<Envelope><AppHdr><MsgDefIdr>camt</MsgDefIdr></AppHdr>${document(statement('', inner))}</Envelope>`;
    const [one] = parseCamt053(xml);
    expect(one?.entries.map(({ kind }) => kind)).toEqual(['received', 'reversed']);
    // A reversal bears its original's reference and is another booking all the same.
    expect(new Set(one?.entries.map(({ factsIdentity }) => factsIdentity)).size).toBe(2);
  });
});

describe('CSV', () => {
  const suggestedFor = (text: string): CsvMapping => {
    const preview = previewCsv(text);
    if (preview === null) throw new Error('no header was found');
    return { ...preview.suggestion, account: 'ACC', currency: 'EUR' };
  };
  const entriesOf = (text: string, mapping: CsvMapping) =>
    (parseBankCsv(text, mapping)[0]?.entries ?? []).map(
      ({ bookedOn, amountMinor, kind }) => `${bookedOn} ${amountMinor} ${kind}`,
    );

  it('of German savings banks: two digits of the year, what is announced among what is booked', () => {
    const text = [
      '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"Betrag";"Waehrung";"Info"',
      '"DE1";"07.01.26";"07.01.26";"GUTSCHR. UEBERWEISUNG";"INV-3";"Muster";"DE89370400440532013000";"20,00";"EUR";"Umsatz vorgemerkt"',
      '"DE1";"06.01.26";"06.01.26";"RUECKLASTSCHRIFT";"INV-2";"Muster";"DE89370400440532013000";"-1.190,00";"EUR";"Umsatz gebucht"',
      '"DE1";"05.01.26";"05.01.26";"GUTSCHR. UEBERWEISUNG";"INV-2";"Muster";"DE89370400440532013000";"1.190,00";"EUR";"Umsatz gebucht"',
    ].join('\r\n');
    const mapping = suggestedFor(text);
    expect(mapping).toMatchObject({
      pendingValues: ['Umsatz vorgemerkt'],
      columns: { status: 'Info', reference: ['Buchungstext', 'Verwendungszweck'] },
    });
    expect(entriesOf(text, mapping)).toEqual([
      '2026-01-06 -119000 reversed',
      '2026-01-05 119000 received',
    ]);
    expect(parseBankCsv(text, mapping)[0]?.pendingCount).toBe(1);
  });

  it('of ING: a word says what went out, days are compact', () => {
    const text = [
      '"Datum","Naam / Omschrijving","Rekening","Tegenrekening","Code","Af Bij","Bedrag (EUR)","Mutatiesoort","Mededelingen"',
      '"20260105","Jansen","NL69INGB0123456789","NL20INGB0001234567","OV","Bij","1190,00","Overschrijving","INV-1"',
      '"20260106","Energie","NL69INGB0123456789","NL20INGB0001234568","IC","Af","100,50","Incasso","maart"',
    ].join('\n');
    expect(previewCsv(text)?.suggestion).toMatchObject({
      account: 'NL69INGB0123456789',
      currency: 'EUR',
    });
    const mapping = suggestedFor(text);
    expect(mapping).toMatchObject({
      debitValues: ['Af'],
      columns: {
        bookedOn: 'Datum',
        amount: 'Bedrag (EUR)',
        direction: 'Af Bij',
        payerIban: 'Tegenrekening',
        reference: ['Mededelingen'],
      },
    });
    expect(entriesOf(text, mapping)).toEqual([
      '2026-01-05 119000 received',
      '2026-01-06 -10050 other',
    ]);
    expect(codeOf(() => parseBankCsv(text.replace('"Bij"', '""'), mapping))).toBe('field-missing');
  });

  it('of Chase: a separator at each row’s end, days without zeros', () => {
    const text = [
      'Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #',
      'CREDIT,1/5/2026,ACH CREDIT ACME INV-1,"1,190.00",ACH_CREDIT,1290.00,,',
      'DEBIT,12/31/2025,FEE,-5.00,FEE,100.00,,',
    ].join('\n');
    const mapping = suggestedFor(text);
    expect(mapping).toMatchObject({ dateFormat: 'MM/DD/YYYY', decimal: '.' });
    expect(entriesOf(text, mapping)).toEqual([
      '2026-01-05 119000 received',
      '2025-12-31 -500 other',
    ]);
    const moved = text.replace('ACME INV-1', 'ACME, INV-1');
    expect(codeOf(() => parseBankCsv(moved, mapping))).not.toBe('answered');
    expect(codeOf(() => parseBankCsv(`${text}x`, mapping))).toBe('not-readable');
  });

  it('of Deutsche Bank: a closing line below the entries, which is none', () => {
    const text = [
      'Buchungstag;Wert;Verwendungszweck;Betrag;Währung',
      '05.01.2026;05.01.2026;INV-1;10,00;EUR',
      'Kontostand;06.01.2026;;1.234,00;EUR',
    ].join('\n');
    const mapping = suggestedFor(text);
    expect(entriesOf(text, mapping)).toEqual(['2026-01-05 1000 received']);
    const amid = text.replace('05.01.2026;05.01.2026;INV-1', 'Saldo;05.01.2026;INV-1');
    expect(codeOf(() => parseBankCsv(`${amid}\n05.01.2026;;INV-2;1,00;EUR`, mapping))).toBe(
      'date-invalid',
    );
  });

  it.each([
    ['1.190,00-', ',', -119_000],
    ['- 5,00 €', ',', -500],
    ['100,00 S', ',', -10_000],
    ['100,00 H', ',', 10_000],
    ["1'190.50", '.', 119_050],
    ['($1,190.50)', '.', -119_050],
    ['EUR 5', '.', 500],
    ['1,00,000.25 CR', '.', 10_000_025],
    ['.50', '.', 50],
    ['1190.00', ',', null],
    ['190.00', ',', null],
    ['1.190,00', '.', null],
    ['1,19', '.', null],
    ['1.2.3', '.', null],
    ['12 or 13', '.', null],
  ] as const)('reads %s with decimals after %s as %s', (text, decimal, expected) => {
    const mapping: CsvMapping = {
      account: 'ACC',
      currency: 'EUR',
      delimiter: ';',
      decimal,
      dateFormat: 'YYYY-MM-DD',
      columns: { bookedOn: 'Day', amount: 'Amount', reference: [] },
    };
    const file = `Day;Amount;Text\n2026-01-05 10:11:12;${text};x`;
    if (expected === null) expect(codeOf(() => parseBankCsv(file, mapping))).toBe('amount-invalid');
    else expect(parseBankCsv(file, mapping)[0]?.entries[0]?.amountMinor).toBe(expected);
  });
});
