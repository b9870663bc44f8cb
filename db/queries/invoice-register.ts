/** The register of issued documents: every number of a span of days, in the order of the series, as an auditor reads it. */
import { sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';

export interface RegisterRow {
  readonly invoice: string;
  readonly type: string;
  readonly credits: string | null;
  readonly entity: string;
  readonly account: string;
  readonly name: string;
  readonly taxId: string | null;
  readonly country: string | null;
  readonly contract: string | null;
  readonly issued: string;
  readonly due: string;
  readonly currency: string;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly balanceMinor: number;
  readonly state: string;
  readonly run: string | null;
}

/** Documents of the real world issued from `from` through `to`, ours and, where asked for, imported history too. */
export async function invoiceRegister(
  db: Db,
  {
    from,
    to,
    entity = null,
    imported = false,
  }: {
    readonly from: string;
    readonly to: string;
    readonly entity?: string | null;
    readonly imported?: boolean;
  },
): Promise<RegisterRow[]> {
  const rows = await db.execute<Record<keyof RegisterRow, string | null>>(sql`
    select i.invoice, i.type, i.credits, i.entity, i.account, a.name, a.tax_id as "taxId", a.country, i.contract,
           i.issued_on::text as issued, i.due_on::text as due, i.currency, i.net_minor as "netMinor",
           i.tax_minor as "taxMinor", i.total_minor as "totalMinor", i.balance_minor as "balanceMinor", i.state, i.run
      from invoices i join accounts a using (account)
     where i.issued_on between ${from}::date and ${to}::date
       and (${entity}::text is null or i.entity = ${entity}::text)
       and (${imported} or i.source = 'perennial')
       and not exists (select 1 from clock_accounts k where k.account = i.account)
     order by i.entity, i.issued_on, i.invoice`);
  return rows.map((row) => ({
    ...(row as unknown as RegisterRow),
    netMinor: Number(row.netMinor),
    taxMinor: Number(row.taxMinor),
    totalMinor: Number(row.totalMinor),
    balanceMinor: Number(row.balanceMinor),
  }));
}
