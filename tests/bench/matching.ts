/** A statement line matched among 100,000 open invoices, against one indexed query on the same table. */
import { sql } from 'drizzle-orm';
import { connect, type Db, openInvoicesFor } from '../../db/index.ts';
import { allocate } from '../../domain/allocation/allocation.ts';
import { DEFAULT_POLICY } from '../../domain/allocation/case.ts';
import { createTestDatabase } from '../infrastructure/servers.ts';
import type { Section } from './section.ts';

const INVOICES = 100_000;
const ACCOUNTS = 20_000;
const LINES = 600;
/** Lines before the first that counts: plans are made and code is compiled by then. */
const WARM_UP = 100;
/** What a statement line may cost, in indexed queries. */
const GOAL = 5;

const numberOf = (n: number) => `INV-2026-${String(n).padStart(6, '0')}`;
const amountOf = (n: number) => 10_000 + 7 * n;

/** Open invoices of two lines, five an account, straight into the table: how they came to be is not measured. */
async function fill(db: Db): Promise<void> {
  await db.execute(sql`
    insert into invoices (invoice, type, entity, account, contract, issued_on, due_on, currency,
                          net_minor, tax_minor, total_minor, balance_minor, state, payment_terms)
    select 'INV-2026-' || lpad(n::text, 6, '0'), 'invoice', 'HQ', 'A-' || (n % ${ACCOUNTS}::int),
           'C-' || (n % ${ACCOUNTS}::int), '2026-01-15', '2026-02-14', 'EUR', 10000 + 7 * n, 0,
           10000 + 7 * n, 10000 + 7 * n, 'issued', case when n % 4 = 0 then '2/10 net 30' else 'net 30' end
      from generate_series(1, ${INVOICES}::int) n`);
  await db.execute(sql`
    insert into invoice_lines (invoice, line, position, contract, subcontract, net_minor, tax_minor, open_minor)
    select 'INV-2026-' || lpad(n::text, 6, '0'), l::text, l, 'C-' || (n % ${ACCOUNTS}::int),
           'S-' || n || '-' || l, part, 0, part
      from generate_series(1, ${INVOICES}::int) n, generate_series(1, 2) l,
           lateral (select case l when 1 then 4000 else 6000 + 7 * n end as part) p`);
  await db.execute(sql`analyze invoices`);
  await db.execute(sql`analyze invoice_lines`);
}

interface Line {
  readonly account: string | null;
  readonly amountMinor: number;
  readonly reference: string;
}

/** What stands on statements: a number, two numbers, a known payer's sum, an amount alone, nothing that fits. */
function lineOf(at: number): Line {
  const n = ((at * 7919) % (INVOICES - ACCOUNTS)) + 1;
  const twin = n + ACCOUNTS;
  switch (at % 5) {
    case 0:
      return {
        account: null,
        amountMinor: amountOf(n),
        reference: `Rechnung ${numberOf(n)} danke`,
      };
    case 1: {
      const reference = `${numberOf(n)}, ${numberOf(twin).replaceAll('-', ' ')}`;
      return { account: null, amountMinor: amountOf(n) + amountOf(twin), reference };
    }
    case 2: {
      // The two oldest of a payer: no other two come to as little.
      const first = (n % ACCOUNTS) + 1;
      const amountMinor = amountOf(first) + amountOf(first + ACCOUNTS);
      return { account: `A-${first % ACCOUNTS}`, amountMinor, reference: 'Wartung' };
    }
    case 3:
      return { account: null, amountMinor: amountOf(n), reference: 'SVWZ+Wartung 2026' };
    default:
      return { account: null, amountMinor: 3, reference: 'Kundennummer 4711 vielen Dank' };
  }
}

async function matched(db: Db, line: Line) {
  const facts = { ...line, currency: 'EUR', receivedOn: '2026-03-01', lines: null };
  const openInvoices = await openInvoicesFor(db, facts, { clock: null });
  return allocate({
    payment: {
      amount: line.amountMinor,
      currency: 'EUR',
      received: facts.receivedOn,
      account: line.account,
      reference: line.reference,
    },
    policy: DEFAULT_POLICY,
    openInvoices,
  });
}

const middle = (times: readonly number[]) =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

export const matching: Section = {
  name: 'matching',
  what: 'a statement line among 100,000 open invoices, against one indexed query on that table',
  measure: async () => {
    const connection = connect(await createTestDatabase(), { max: 1 });
    try {
      const { db } = connection;
      await fill(db);
      const [ours, bare]: [number[], number[]] = [[], []];
      let automatic = 0;
      for (let at = 0; at < LINES + WARM_UP; at += 1) {
        const line = lineOf(at);
        const begun = performance.now();
        const answer = await matched(db, line);
        const between = performance.now();
        const number = numberOf((at % INVOICES) + 1);
        await db.execute(sql`select * from invoices where invoice = ${number}`);
        const ended = performance.now();
        if (at < WARM_UP) continue;
        ours.push(between - begun);
        bare.push(ended - between);
        if (answer.decision === 'automatic') automatic += 1;
      }
      const statementLinePerQuery = middle(ours) / middle(bare);
      return {
        ratios: { statementLinePerQuery },
        figures: {
          openInvoices: INVOICES,
          statementLineMs: Number(middle(ours).toFixed(3)),
          indexedQueryMs: Number(middle(bare).toFixed(3)),
          automaticOfLines: `${automatic} of ${LINES}`,
        },
        broken: [
          ...(statementLinePerQuery > GOAL
            ? [
                `a statement line costs ${statementLinePerQuery.toFixed(1)} queries; the goal is ${GOAL}`,
              ]
            : []),
          ...(automatic === (LINES * 4) / 5
            ? []
            : [`${automatic} of ${LINES} lines matched; four of five name or equal something`]),
        ],
      };
    } finally {
      await connection.close();
    }
  },
};
