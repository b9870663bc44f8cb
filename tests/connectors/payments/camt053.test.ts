import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCamt053 } from '../../../connectors/payments/bank/camt053.ts';
import { BankFileRejection } from '../../../connectors/payments/bank/entry.ts';
import { codeOfA } from '../../refusals.ts';

const codeOf = codeOfA(BankFileRejection);

type Version = '02' | '04' | '06' | '08' | '10' | '13';
/** Up to 001.04 the status is text and parties stand without a layer of their own. */
const isOld = (version: Version) => version === '02' || version === '04';

const balance = (code: string, amount: string, on: string, sign = 'CRDT') =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt>` +
  `<CdtDbtInd>${sign}</CdtDbtInd><Dt><Dt>${on}</Dt></Dt></Bal>`;

interface EntryParts {
  amount: string;
  sign?: string;
  status?: string;
  reference?: string;
  reversal?: boolean;
  details?: string;
}

function entryXml(version: Version, parts: EntryParts): string {
  const status = parts.status ?? 'BOOK';
  return (
    `<Ntry><Amt Ccy="EUR">${parts.amount}</Amt><CdtDbtInd>${parts.sign ?? 'CRDT'}</CdtDbtInd>` +
    (parts.reversal === undefined ? '' : `<RvslInd>${parts.reversal}</RvslInd>`) +
    `<Sts>${isOld(version) ? status : `<Cd>${status}</Cd>`}</Sts>` +
    `<BookgDt><Dt>2026-11-20</Dt></BookgDt><ValDt><DtTm>2026-11-21T00:00:00+01:00</DtTm></ValDt>` +
    (parts.reference === undefined ? '' : `<AcctSvcrRef>${parts.reference}</AcctSvcrRef>`) +
    `<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>` +
    `<NtryDtls>${parts.details ?? ''}</NtryDtls></Ntry>`
  );
}

function transaction(version: Version, text: string, amount?: string): string {
  const party = isOld(version) ? '<Nm>Muster &amp; Co</Nm>' : '<Pty><Nm>Muster &amp; Co</Nm></Pty>';
  const detail =
    amount === undefined
      ? ''
      : isOld(version)
        ? `<AmtDtls><TxAmt><Amt Ccy="EUR">${amount}</Amt></TxAmt></AmtDtls>`
        : `<Amt Ccy="EUR">${amount}</Amt>`;
  return (
    `<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>${detail}` +
    `<RltdPties><Dbtr>${party}</Dbtr><DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>` +
    `<RmtInf><Ustrd>${text}</Ustrd><Ustrd>Danke</Ustrd><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>`
  );
}

const file = (version: Version, closing: string, entries: string, opening = '100.00') =>
  `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr>
<Stmt><Id>S1</Id><ElctrncSeqNb>17</ElctrncSeqNb><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>
${balance('OPBD', opening, '2026-11-19')}${balance('CLBD', closing, '2026-11-20')}${entries}</Stmt></BkToCstmrStmt></Document>`;

describe.each(['02', '04', '06', '08', '10', '13'] as const)('camt.053.001.%s', (version) => {
  it('reads a credit with its payer, texts and references', () => {
    const one = entryXml(version, {
      amount: '1190.00',
      reference: 'B-1',
      details: transaction(version, 'INV-2026-0001'),
    });
    const [statement] = parseCamt053(file(version, '1290.00', one));
    expect(statement).toMatchObject({
      identity: 'DE02120300000000202051:17:2026-11-20',
      openingMinor: 10_000,
      closingMinor: 129_000,
      currency: 'EUR',
    });
    expect(statement?.entries).toEqual([
      {
        identity: 'DE02120300000000202051:B-1',
        factsIdentity: expect.stringMatching(/^DE02120300000000202051:[\da-f]{32}$/),
        kind: 'received',
        amountMinor: 119_000,
        currency: 'EUR',
        bookedOn: '2026-11-20',
        valueOn: '2026-11-21',
        reference: 'INV-2026-0001 Danke',
        structuredReference: 'RF18539007547034',
        endToEndId: null,
        mandateId: null,
        payerName: 'Muster & Co',
        payerIban: 'DE89370400440532013000',
        bankReference: 'B-1',
        returnReason: null,
        needsDetails: false,
      },
    ]);
  });

  it('ignores what is pending, and rejects a file that does not add up', () => {
    const booked = entryXml(version, { amount: '50.00' });
    const pending = entryXml(version, { amount: '70.00', status: 'PDNG' });
    const [statement] = parseCamt053(file(version, '150.00', booked + pending));
    expect(statement?.entries).toHaveLength(1);
    expect(statement?.pendingCount).toBe(1);
    expect(codeOf(() => parseCamt053(file(version, '220.00', booked + pending)))).toBe(
      'balance-differs',
    );
  });

  it('takes a batch apart where it can, and says where it cannot', () => {
    const btch = '<Btch><NbOfTxs>2</NbOfTxs><TtlAmt Ccy="EUR">30.00</TtlAmt></Btch>';
    const details = btch + transaction(version, 'A', '10.00') + transaction(version, 'B', '20.00');
    const split = entryXml(version, { amount: '30.00', reference: 'B-2', details });
    const [statement] = parseCamt053(file(version, '130.00', split));
    expect(statement?.entries.map((one) => [one.amountMinor, one.reference, one.identity])).toEqual(
      [
        [1_000, 'A Danke', 'DE02120300000000202051:B-2/1'],
        [2_000, 'B Danke', 'DE02120300000000202051:B-2/2'],
      ],
    );
    const closed = entryXml(version, { amount: '30.00', details: btch });
    const [whole] = parseCamt053(file(version, '130.00', closed));
    expect(whole?.entries).toMatchObject([{ amountMinor: 3_000, needsDetails: true }]);
  });

  it('knows what came back', () => {
    const returned = entryXml(version, {
      amount: '40.00',
      sign: 'DBIT',
      details: '<TxDtls><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>',
    });
    const reversed = entryXml(version, { amount: '10.00', sign: 'DBIT', reversal: true });
    const fee = entryXml(version, { amount: '1.50', sign: 'DBIT' });
    const [statement] = parseCamt053(file(version, '48.50', returned + reversed + fee));
    expect(statement?.entries.map(({ kind, returnReason }) => [kind, returnReason])).toEqual([
      ['reversed', 'AC04'],
      ['reversed', null],
      ['other', null],
    ]);
  });

  it('tells twins apart, the same way every time', () => {
    const twin = entryXml(version, { amount: '5.00' });
    const read = () => parseCamt053(file(version, '110.00', twin + twin))[0]?.entries ?? [];
    expect(new Set(read().map(({ identity }) => identity)).size).toBe(2);
    expect(read()).toEqual(read());
  });
});

describe('hostile and broken files', () => {
  it('refuses document types, entities and what is no camt.053', () => {
    const bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><Document>&a;</Document>';
    expect(codeOf(() => parseCamt053(bomb))).toBe('entities-forbidden');
    expect(codeOf(() => parseCamt053('<Document/>'))).toBe('not-readable');
    expect(codeOf(() => parseCamt053('<Document>'))).toBe('not-readable');
    expect(codeOf(() => parseCamt053(' '.repeat(51 * 1024 * 1024)))).toBe('too-large');
    const bad = entryXml('02', { amount: '1.234' });
    expect(codeOf(() => parseCamt053(file('02', '1.00', bad)))).toBe('amount-invalid');
    const noBalance = file('02', '1.00', '').replace('OPBD', 'XXXX');
    expect(codeOf(() => parseCamt053(noBalance))).toBe('balance-missing');
  });

  it('reads or rejects whatever is cut out of a file, and never books a wrong sum', () => {
    const whole = file('02', '150.00', entryXml('02', { amount: '50.00' }));
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(60), (from, length) => {
        const cut = whole.slice(0, from) + whole.slice(from + length);
        try {
          for (const one of parseCamt053(cut)) {
            const sum = one.entries.reduce((total, entry) => total + entry.amountMinor, 0);
            expect((one.openingMinor ?? 0) + sum).toBe(one.closingMinor);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(BankFileRejection);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('camt.054', () => {
  const notification = (entries: string) =>
    `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>` +
    '<GrpHdr><MsgId>N1</MsgId></GrpHdr><Ntfctn><Id>N-7</Id><CreDtTm>2026-11-20T09:00:00Z</CreDtTm>' +
    `<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>${entries}</Ntfctn>` +
    '</BkToCstmrDbtCdtNtfctn></Document>';

  it('takes a booked sum apart, and says of each part which sum it is of', () => {
    const details = transaction('08', 'INV-1', '10.00') + transaction('08', 'INV-2', '20.00');
    const xml = notification(entryXml('08', { amount: '30.00', reference: 'B-9', details }));
    const [one] = parseCamt053(xml);
    expect(one).toMatchObject({ openingMinor: null, closingMinor: null, closingOn: '2026-11-20' });
    expect(one?.entries.map(({ amountMinor, reference }) => [amountMinor, reference])).toEqual([
      [1000, 'INV-1 Danke'],
      [2000, 'INV-2 Danke'],
    ]);
    for (const entry of one?.entries ?? []) expect(entry.partOf).toBe('DE02120300000000202051:B-9');
    const [statement] = parseCamt053(
      file('08', '130.00', entryXml('08', { amount: '30.00', reference: 'B-9' })),
    );
    expect(statement?.entries[0]?.identity).toBe('DE02120300000000202051:B-9');
    expect(statement?.entries[0]).not.toHaveProperty('partOf');
  });

  it('without an account, or with another message inside, is refused', () => {
    const bare = notification('').replace(/<Acct>.*<\/Acct>/, '');
    expect(codeOf(() => parseCamt053(bare))).toBe('field-missing');
    expect(codeOf(() => parseCamt053('<Document><Other/></Document>'))).toBe('not-readable');
  });
});
