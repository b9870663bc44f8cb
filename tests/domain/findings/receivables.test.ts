/** What is open of documents and of their lines, told from balances, statuses, allocations and credit notes. */
import { describe, expect, it } from 'vitest';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { documentStates } from '../../../domain/findings/receivables.ts';
import { company } from '../book-builder.ts';

const AS_OF = '2026-11-20';

const invoice = (more: Partial<Row<'invoices'>> = {}): Partial<Row<'invoices'>> => ({
  invoice: 'I-1',
  account: 'A-1',
  issued: '2026-11-01',
  status: 'issued',
  ...more,
});
const line = (name: string, net: string, more: Partial<Row<'invoice_lines'>> = {}) => ({
  invoice: 'I-1',
  line: name,
  net,
  tax: '0.00',
  ...more,
});
const payment = (amount: string, more: Partial<Row<'payments'>> = {}) => ({
  payment: 'P-1',
  account: 'A-1',
  received: '2026-11-10',
  amount,
  ...more,
});
const allocation = (amount: string, name: string | null = null) => ({
  payment: 'P-1',
  invoice: 'I-1',
  amount,
  line: name,
});

type Given = Parameters<typeof company>[0];
function statesOf(given: Given) {
  const unreadable: [string, string][] = [];
  const states = documentStates(indexBook(company(given)), AS_OF, (row, reason) =>
    unreadable.push([row.invoice, reason]),
  );
  return { states, unreadable };
}
const stateOf = (given: Given) => statesOf(given).states.get('I-1');
const openOf = (given: Given) => Object.fromEntries(stateOf(given)?.openLines ?? []);
const TWO = [line('1', '100.00'), line('2', '50.00')];

describe('the sum of a document', () => {
  const total = (more: Partial<Row<'invoices'>>, lines: Given['invoice_lines'] = TWO) =>
    stateOf({ invoices: [invoice(more)], invoice_lines: lines })?.totalMinor;

  it('is its total, else net and tax, else its lines with theirs', () => {
    expect(total({ total: '119.00', net: '1.00' })).toBe(11_900);
    expect(total({ net: '100.00', tax: '19.00' })).toBe(11_900);
    expect(total({ net: '100.00' })).toBe(10_000);
    expect(total({})).toBe(15_000);
    expect(total({}, [line('1', '100.00', { tax: '19.00' })])).toBe(11_900);
    expect(total({}, [line('1', '100.00', { tax: null, taxRate: '7' })])).toBe(10_700);
    expect(total({}, [])).toBe(0);
  });
});

describe('documents that count', () => {
  it('are issued by the day and not void', () => {
    const names = (more: Partial<Row<'invoices'>>) => [
      ...statesOf({ invoices: [invoice(more)] }).states.keys(),
    ];
    expect(names({})).toEqual(['I-1']);
    expect(names({ issued: AS_OF })).toEqual(['I-1']);
    expect(names({ issued: '2026-11-21' })).toEqual([]);
    expect(names({ status: 'void' })).toEqual([]);
    expect(names({ status: 'draft' })).toEqual([]);
  });

  it('are told of where an amount can not be read, and the others go on', () => {
    const { states, unreadable } = statesOf({
      invoices: [invoice({ total: 'x' }), invoice({ invoice: 'I-2', total: '1.00' })],
    });
    expect([...states.keys()]).toEqual(['I-2']);
    expect(unreadable).toEqual([['I-1', expect.any(String)]]);
  });

  it('are told with currency, balance, credits and money', () => {
    const credit = { invoice: 'I-2', credits: 'I-1', type: 'credit_note' as const };
    const given: Given = {
      invoices: [
        invoice({ total: '119.00', balance: '69.00', currency: 'USD' }),
        invoice({ ...credit, total: '-20.00' }),
        invoice({ ...credit, invoice: 'I-3', total: '5.00' }),
        invoice({ ...credit, invoice: 'I-4', total: '5.00', issued: '2026-11-21' }),
        invoice({ ...credit, invoice: 'I-5', total: '5.00', status: 'void' }),
        invoice({ ...credit, invoice: 'I-6' }),
      ],
      invoice_lines: [line('1', '2.00', { invoice: 'I-6' })],
      payments: [payment('25.00')],
      payment_allocations: [allocation('20.00'), allocation('5.00')],
    };
    expect(stateOf(given)).toMatchObject({
      invoice: { invoice: 'I-1' },
      currency: 'USD',
      totalMinor: 11_900,
      creditedMinor: 2700,
      allocatedMinor: 2500,
      balanceMinor: 6900,
    });
    expect(statesOf(given).states.get('I-2')?.openLines).toEqual(new Map());
    expect(stateOf({ invoices: [invoice()] })?.balanceMinor).toBeNull();
  });
});

describe('money allocated to a document', () => {
  const allocated = (given: Given) => stateOf({ invoices: [invoice()], ...given })?.allocatedMinor;

  it('was received by the day', () => {
    const of = (more: Partial<Row<'payments'>>) =>
      allocated({ payments: [payment('5.00', more)], payment_allocations: [allocation('5.00')] });
    expect(of({})).toBe(500);
    expect(of({ received: AS_OF })).toBe(500);
    expect(of({ received: '2026-11-21' })).toBe(0);
    expect(of({ status: 'returned' })).toBe(0);
    expect(allocated({ payment_allocations: [allocation('5.00')] })).toBe(0);
  });

  it('is all of a payment that names the document and is not split', () => {
    const named = payment('5.00', { invoice: 'I-1' });
    expect(allocated({ payments: [named] })).toBe(500);
    expect(allocated({ payments: [{ ...named, received: '2026-11-21' }] })).toBe(0);
    expect(allocated({ payments: [payment('5.00')] })).toBe(0);
    const split = { payments: [named], payment_allocations: [allocation('3.00')] };
    expect(allocated(split)).toBe(300);
  });
});

describe('what is open of each line', () => {
  const open = (given: Given, more: Partial<Row<'invoices'>> = {}) =>
    openOf({ invoices: [invoice(more)], invoice_lines: TWO, ...given });
  const paid = (...allocations: ReturnType<typeof allocation>[]): Given => ({
    payments: [payment('500.00')],
    payment_allocations: allocations,
  });

  it('is all of it without money, and nothing of a paid document', () => {
    expect(open({})).toEqual({ 1: 10_000, 2: 5000 });
    expect(open({}, { status: ' Paid ' })).toEqual({ 1: 0, 2: 0 });
    expect(open({}, { balance: '0.00' })).toEqual({ 1: 0, 2: 0 });
    // A balance says more than the status.
    expect(open({}, { status: 'paid', balance: '150.00' })).toEqual({ 1: 10_000, 2: 5000 });
    expect(open({}, { balance: '200.00' })).toEqual({ 1: 10_000, 2: 5000 });
  });

  it('is less by money in the order of the lines', () => {
    expect(open(paid(allocation('30.00')))).toEqual({ 1: 7000, 2: 5000 });
    expect(open(paid(allocation('130.00')))).toEqual({ 1: 0, 2: 2000 });
    expect(open({}, { balance: '20.00' })).toEqual({ 1: 0, 2: 2000 });
  });

  it('is less by money that names its line first', () => {
    expect(open(paid(allocation('30.00', '2')))).toEqual({ 1: 10_000, 2: 2000 });
    expect(open(paid(allocation('70.00', '2')))).toEqual({ 1: 8000, 2: 0 });
    expect(open(paid(allocation('20.00', '2'), allocation('20.00')))).toEqual({ 1: 8000, 2: 3000 });
    // No more than was settled in all.
    expect(open(paid(allocation('50.00', '2')), { balance: '120.00' })).toEqual({
      1: 10_000,
      2: 2000,
    });
    expect(open(paid(allocation('50.00', '9')))).toEqual({ 1: 5000, 2: 5000 });
    const back = paid(allocation('-10.00', '2'), allocation('30.00', '2'));
    expect(open(back)).toEqual({ 1: 10_000, 2: 3000 });
  });

  it('is less by credit notes', () => {
    const credit = invoice({ invoice: 'I-2', credits: 'I-1', type: 'credit_note', total: '10.00' });
    expect(openOf({ invoices: [invoice(), credit], invoice_lines: TWO })).toEqual({
      1: 9000,
      2: 5000,
    });
  });

  it('is paid by lines that take away', () => {
    const lines = [...TWO, line('3', '-20.00')];
    const of = (given: Given, more: Partial<Row<'invoices'>> = {}) =>
      openOf({ invoices: [invoice(more)], invoice_lines: lines, ...given });
    expect(of({})).toEqual({ 1: 8000, 2: 5000, 3: 0 });
    expect(of(paid(allocation('130.00')))).toEqual({ 1: 0, 2: 0, 3: 0 });
  });
});
