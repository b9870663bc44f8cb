/**
 * The rules against the sample company: every planted case is found, and nothing is found that was not planted. The figures
 * stand in docs/findings.md, which `node --import tsx examples/write-findings-doc.ts` writes.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Book, Row } from '../../../domain/book/tables.ts';
import { addMonths } from '../../../domain/dates/dates.ts';
import { CATALOGUE } from '../../../domain/findings/catalogue.ts';
import { findingsOf, Inspection, RULES } from '../../../domain/findings/find.ts';
import { findingsDoc, PROOF_DAY } from '../../../examples/findings-doc.ts';
import { SAMPLE, sampleCompany } from '../../../examples/sample-company.ts';
import { proofOf } from '../../../examples/sample-proof.ts';

const sample = sampleCompany({ ...SAMPLE, today: PROOF_DAY });
const found = findingsOf(sample.book, PROOF_DAY, sample.outside);
const proof = proofOf(sample.planted, found.findings);

/** Days of the invoices with such a line. */
function issueDays(wanted: (line: Row<'invoice_lines'>) => boolean): string[] {
  const invoices = new Set(sample.book.invoice_lines.filter(wanted).map((row) => row.invoice));
  return sample.book.invoices
    .filter(({ invoice }) => invoices.has(invoice))
    .map(({ issued }) => issued);
}

describe('the sample company', () => {
  it('has the ten kinds of mess that every company has', () => {
    const kinds = new Set(sample.planted.map(({ kind }) => kind));
    for (const kind of [
      'subcontract-never-billed',
      'billed-after-termination',
      'quantity-changed-in-license-only',
      'duplicate-subcontract',
      'subcontract-on-wrong-account',
      'expired-but-active',
      'price-list-outdated',
      'service-time-never-billed',
      'payment-in-one-system-only',
      'license-on-though-unpaid',
    ])
      expect(kinds).toContain(kind);
  });

  it.each([
    ['contracts', sample.book.contracts.map(({ start }) => start)],
    ['orders', sample.book.orders.flatMap(({ closed }) => closed ?? [])],
    ['invoices', sample.book.invoices.map(({ issued }) => issued)],
    ['payments', sample.book.payments.map(({ received }) => received)],
    ['timesheets', sample.book.timesheets.map(({ date }) => date)],
    ['usage', sample.book.usage.map(({ at }) => at.slice(0, 10))],
    ['incidents', sample.book.incidents.map(({ opened }) => opened)],
    ['licenses', sample.book.licenses.flatMap(({ validFrom }) => validFrom ?? [])],
    ['campaigns', sample.book.campaigns.flatMap(({ starts }) => starts ?? [])],
    ['billed service time', issueDays(({ entry }) => entry !== null)],
    ['billed usage', issueDays(({ sku }) => sku === 'API-CALLS')],
  ])('tells of %s in each half-year of three years', (_, days) => {
    const ends = [0, 6, 12, 18, 24, 30].map((ago) => addMonths(PROOF_DAY, -ago));
    const empty = ends.filter((end) => !days.some((day) => day <= end && day > addMonths(end, -6)));
    expect(empty).toEqual([]);
  });

  it('recall: every planted case is found by every rule that must find it', () => {
    expect(proof.missed).toEqual([]);
  });

  it('precision: no finding without a planted cause', () => {
    expect(proof.unplanted).toEqual([]);
  });

  it('what was not read is told as not checked, and finds nothing', () => {
    const { findings, checks } = findingsOf(sample.book, PROOF_DAY, {
      crm: { records: null, checkedOn: '2026-11-01', reason: 'the CRM did not answer' },
    });
    const unchecked = checks.filter(({ state }) => state === 'not-checked');
    expect(unchecked.map(({ source }) => source)).toContain('ledger');
    expect(unchecked).toContainEqual({
      rule: 'deal-without-contract',
      state: 'not-checked',
      source: 'crm',
      checkedOn: '2026-11-01',
      cause: 'the CRM did not answer',
    });
    const rules = new Set(findings.map(({ rule }) => rule));
    for (const { rule } of unchecked) expect(rules).not.toContain(rule);
  });

  it('gives the same findings part by part', () => {
    const inspection = new Inspection(PROOF_DAY, sample.outside);
    for (const part of parts(sample.book, 4)) inspection.look(part);
    const names = ({ findings }: ReturnType<Inspection['answer']>) =>
      findings.map((one) => JSON.stringify([one.rule, one.account, one.evidence])).sort();
    expect(names(inspection.answer())).toEqual(names(found));
  });
});

/** A book cut by accounts; licenses go with their subcontract's account. */
function parts(book: Book, count: number): Book[] {
  const place = new Map(book.accounts.map(({ account }, at) => [account, at % count]));
  const ofContract = new Map(book.contracts.map((row) => [row.contract, place.get(row.account)]));
  const ofSubcontract = new Map(
    book.subcontracts.map((row) => [row.subcontract, ofContract.get(row.contract)]),
  );
  const ofInvoice = new Map(book.invoices.map((row) => [row.invoice, place.get(row.account)]));
  const ofPayment = new Map(book.payments.map((row) => [row.payment, place.get(row.account)]));
  return Array.from({ length: count }, (_, part) => ({
    ...book,
    accounts: book.accounts.filter(({ account }) => place.get(account) === part),
    contacts: book.contacts.filter(({ account }) => place.get(account) === part),
    contracts: book.contracts.filter(({ account }) => place.get(account) === part),
    subcontracts: book.subcontracts.filter((row) => ofContract.get(row.contract) === part),
    amendments: book.amendments.filter((row) => ofSubcontract.get(row.subcontract) === part),
    usage: book.usage.filter((row) => ofSubcontract.get(row.subcontract) === part),
    orders: book.orders.filter(({ account }) => place.get(account) === part),
    timesheets: book.timesheets.filter(({ account }) => place.get(account) === part),
    invoices: book.invoices.filter(({ account }) => place.get(account) === part),
    invoice_lines: book.invoice_lines.filter((row) => ofInvoice.get(row.invoice) === part),
    payments: book.payments.filter(({ account }) => place.get(account) === part),
    payment_allocations: book.payment_allocations.filter(
      (row) => ofPayment.get(row.payment) === part,
    ),
    licenses: book.licenses.filter(
      (row) => (ofSubcontract.get(row.subcontract ?? '') ?? place.get(row.account)) === part,
    ),
  }));
}

describe('the catalogue', () => {
  it('has a rule for every code, and one code for every rule', () => {
    const codes = Object.values(RULES).flatMap((rule) => rule.codes);
    expect(new Set(codes).size).toBe(codes.length);
    expect([...codes, 'rule-failed'].sort()).toEqual(Object.keys(CATALOGUE).sort());
  });

  it('rules that share a look share what they need', () => {
    for (const { codes } of Object.values(RULES))
      expect(new Set(codes.map((code) => CATALOGUE[code].needs)).size).toBe(1);
  });

  it('docs/findings.md says what the catalogue and this measurement say', () => {
    const written = readFileSync(new URL('../../../docs/findings.md', import.meta.url), 'utf8');
    expect(written).toBe(findingsDoc(proof));
  });
});
