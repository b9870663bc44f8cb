/**
 * How fast a whole run is computed: against a naive loop in floats over the same facts, and for ten times the contracts.
 * Both are ratios, so that they mean the same on any machine. Alone: `node --import tsx tests/bench/engine.ts`.
 */
import { fileURLToPath } from 'node:url';
import { previewBillRun } from '../../domain/bill-run/preview.ts';
import { rowOf } from '../../domain/book/blank-row.ts';
import { type Book, emptyBook } from '../../domain/book/tables.ts';

export interface EngineRatios {
  /** Charges a second of the engine ÷ of a loop of floats that knows no rule but price × days; the goal is 0.2. */
  readonly engineToFloatLoop: number;
  /** Time for ten times the contracts ÷ time; the goal is 10.5 at most. */
  readonly tenfoldContracts: number;
  readonly chargesPerSecond: number;
}

const RUN = '2026-11-15';
const YEARS = 3;
const SUBCONTRACTS = 4;

/** Annual contracts of three years, with an amendment and a history each, as a company has them. */
function companyOf(contracts: number): Book {
  const numbers = Array.from({ length: contracts }, (_, at) => at);
  const subcontracts = numbers.flatMap((c) =>
    Array.from({ length: SUBCONTRACTS }, (_, s) => ({ c, s, name: `S-${c}-${s}` })),
  );
  const pad = (value: number) => String(value).padStart(2, '0');
  const startOf = (c: number) => `2024-${pad((c % 12) + 1)}-${pad((c % 28) + 1)}`;
  return {
    ...emptyBook(),
    accounts: numbers.map((c) =>
      rowOf('accounts', {
        account: `A-${c}`,
        name: `Customer ${c}`,
        currency: 'EUR',
        country: 'DE',
      }),
    ),
    products: [rowOf('products', { sku: 'MNT', name: 'Maintenance', kind: 'maintenance' })],
    taxes: [rowOf('taxes', { country: 'DE', category: 'S', rate: '19' })],
    contracts: numbers.map((c) =>
      rowOf('contracts', {
        contract: `C-${c}`,
        account: `A-${c}`,
        start: startOf(c),
        end: `${2024 + YEARS}-12-31`,
      }),
    ),
    subcontracts: subcontracts.map(({ c, s, name }) =>
      rowOf('subcontracts', {
        subcontract: name,
        contract: `C-${c}`,
        sku: 'MNT',
        quantity: String(s + 1),
        unitPrice: '123.45',
      }),
    ),
    amendments: subcontracts
      .filter(({ s }) => s === 0)
      .map(({ name }) =>
        rowOf('amendments', {
          amendment: `AM-${name}`,
          subcontract: name,
          kind: 'add',
          value: '2',
          effective: '2025-06-01',
        }),
      ),
    invoices: numbers.map((c) =>
      rowOf('invoices', {
        invoice: `I-${c}`,
        account: `A-${c}`,
        issued: startOf(c),
        contract: `C-${c}`,
      }),
    ),
    invoice_lines: subcontracts.map(({ c, s, name }) =>
      rowOf('invoice_lines', {
        invoice: `I-${c}`,
        line: String(s + 1),
        subcontract: name,
        periodStart: startOf(c),
        net: ((s + 1) * 123.45).toFixed(2),
        taxRate: '19',
      }),
    ),
  };
}

function chargesOf(book: Book): number {
  const { invoices, creditNotes, held } = previewBillRun(book, { run: RUN });
  const lines = [...invoices, ...creditNotes].reduce((sum, item) => sum + item.lines.length, 0);
  return lines + held.length;
}

/** What a script in floats would do: every subcontract, every year until the horizon, its days at its price, less what was billed. */
function floatLoop(book: Book): number {
  const contracts = new Map(book.contracts.map((row) => [row.contract, row]));
  const amendments = new Map(book.amendments.map((row) => [row.subcontract, row]));
  const billed = new Map<string, number>();
  for (const line of book.invoice_lines) {
    const key = `${line.subcontract} ${line.periodStart}`;
    billed.set(key, (billed.get(key) ?? 0) + Number(line.net));
  }
  const documents = new Map<
    string,
    { net: number; tax: number; lines: { description: string; net: number }[] }
  >();
  let charges = 0;
  for (const row of book.subcontracts) {
    const contract = contracts.get(row.contract);
    if (contract === undefined) continue;
    const amended = amendments.get(row.subcontract);
    const end = new Date(contract.end);
    for (let year = 0; ; year += 1) {
      const from = new Date(contract.start);
      from.setUTCFullYear(from.getUTCFullYear() + year);
      if (from.getTime() > Date.UTC(2027, 0, 31) || from > end) break;
      const to = new Date(from);
      to.setUTCFullYear(to.getUTCFullYear() + 1);
      const days = (to.getTime() - from.getTime()) / 86_400_000;
      const cut = amended === undefined ? to : new Date(amended.effective);
      const first = Math.min(Math.max(0, (cut.getTime() - from.getTime()) / 86_400_000), days);
      const quantity = Number(row.quantity);
      const more = quantity + Number(amended?.value ?? 0);
      const yearly = (quantity * first + more * (days - first)) / days;
      const start = from.toISOString().slice(0, 10);
      const due = yearly * Number(row.unitPrice) - (billed.get(`${row.subcontract} ${start}`) ?? 0);
      const net = Math.round(due * 100) / 100;
      if (Math.abs(net) < 0.01) continue;
      charges += 1;
      const document = documents.get(row.contract) ?? { net: 0, tax: 0, lines: [] };
      document.net += net;
      document.tax += Math.round(net * 19) / 100;
      document.lines.push({
        description: `${row.sku}, ${start} to ${to.toISOString().slice(0, 10)}`,
        net,
      });
      documents.set(row.contract, document);
    }
  }
  return charges;
}

/** The quickest of some attempts, in seconds: the one that was disturbed least. */
function secondsOf(work: () => void, attempts: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < attempts; at += 1) {
    const begun = performance.now();
    work();
    best = Math.min(best, (performance.now() - begun) / 1000);
  }
  return best;
}

export function engineRatios(contracts = 1000): EngineRatios {
  const small = companyOf(contracts);
  const large = companyOf(contracts * 10);
  const charges = chargesOf(small);
  floatLoop(small);
  const engine = secondsOf(() => chargesOf(small), 5);
  const naive = secondsOf(() => floatLoop(small), 15);
  const naiveCharges = floatLoop(small);
  const tenfold = secondsOf(() => chargesOf(large), 3);
  return {
    engineToFloatLoop: charges / engine / (naiveCharges / naive),
    tenfoldContracts: tenfold / engine,
    chargesPerSecond: Math.round(charges / engine),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify(engineRatios(), null, 2));
