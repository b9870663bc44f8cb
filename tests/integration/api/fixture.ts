/** The API on a real database with one person of each role; processes that remember. */
import type { InjectOptions } from 'fastify';
import type { Api } from '../../../api/app.ts';
import { hashPassword } from '../../../api/passwords.ts';
import { ROLES } from '../../../api/permissions.ts';
import type { Role } from '../../../api/types.ts';
import {
  type Connection,
  connect,
  createApiKey,
  createUser,
  type Db,
  importBook,
} from '../../../db/index.ts';
import {
  BOOK_TABLES,
  type Book,
  camel,
  emptyBook,
  type Row,
  type TableName,
} from '../../../domain/book/tables.ts';
import { apiWith, RememberingProcesses } from '../../api/fixture.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';

export const PASSWORD = 'correct horse battery staple';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly bearer: { readonly authorization: string };
}

export interface Scene {
  readonly app: Api;
  readonly db: Db;
  readonly processes: RememberingProcesses;
  readonly people: Readonly<Record<Role, Person>>;
  /** A request of the person with that role, below /api/v1. */
  as(
    role: Role,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    payload?: object,
    headers?: Readonly<Record<string, string>>,
  ): ReturnType<typeof inject>;
  /** A file that the person with that role brings, as its bytes. */
  bring(role: Role, path: string, content: string | Buffer): ReturnType<typeof inject>;
  close(): Promise<void>;
}

/** The link with a signature that is wrong for sure: its last character is another one. */
export function forgedLink(url: string): string {
  return `${url.slice(0, -1)}${url.endsWith('x') ? 'y' : 'x'}`;
}

/** A row with every column that is not given empty. */
export function row<T extends TableName>(table: T, given: Partial<Row<T>>): Row<T> {
  const empty = Object.fromEntries(
    Object.keys(BOOK_TABLES[table].columns).map((column) => [camel(column), null]),
  );
  return { ...empty, custom: {}, ...given } as unknown as Row<T>;
}

/** One customer with one contract and an open invoice of 119.00 EUR. */
export function smallBook(): Book {
  return {
    ...emptyBook(),
    entities: [
      row('entities', {
        entity: 'ACME',
        legalName: 'Acme GmbH',
        currency: 'EUR',
        timeZone: 'Europe/Berlin',
        country: 'DE',
        iban: 'DE02120300000000202051',
        invoiceSeries: 'INV',
      }),
    ],
    accounts: [
      row('accounts', {
        account: 'A-1',
        name: 'Kunde & Co',
        status: 'active',
        entity: 'ACME',
        country: 'DE',
      }),
    ],
    products: [row('products', { sku: 'CAD', name: 'CAD maintenance', kind: 'maintenance' })],
    contracts: [
      row('contracts', {
        contract: 'C-1',
        account: 'A-1',
        start: '2026-01-01',
        end: '2027-12-31',
        entity: 'ACME',
        currency: 'EUR',
        billingFrequency: 'annual',
        autoRenew: false,
        status: 'active',
      }),
    ],
    subcontracts: [
      row('subcontracts', {
        subcontract: 'S-1',
        contract: 'C-1',
        sku: 'CAD',
        quantity: '1',
        unitPrice: '100',
        status: 'active',
      }),
    ],
    invoices: [
      row('invoices', {
        invoice: 'INV-OLD-1',
        account: 'A-1',
        issued: '2026-01-15',
        due: '2026-02-14',
        type: 'invoice',
        entity: 'ACME',
        contract: 'C-1',
        currency: 'EUR',
        status: 'issued',
        net: '100.00',
        tax: '19.00',
        total: '119.00',
        balance: '119.00',
      }),
    ],
    invoice_lines: [
      row('invoice_lines', {
        invoice: 'INV-OLD-1',
        line: '1',
        subcontract: 'S-1',
        sku: 'CAD',
        description: 'CAD maintenance 2026',
        quantity: '1',
        unitPrice: '100',
        periodStart: '2026-01-01',
        periodEnd: '2026-12-31',
        net: '100.00',
        taxCategory: 'S',
        taxRate: '19',
        tax: '19.00',
      }),
    ],
  } as Book;
}

function inject(app: Api, request: InjectOptions) {
  return app.inject(request);
}

export async function scene(
  options: Parameters<typeof apiWith>[1] = {},
  book: Book | null = null,
): Promise<Scene> {
  const connection: Connection = connect(await createTestDatabase(), { max: 4 });
  const { db } = connection;
  const processes = new RememberingProcesses();
  const passwordHash = await hashPassword(PASSWORD);
  const people: Partial<Record<Role, Person>> = {};
  for (const role of ROLES) {
    const email = `${role}@example.com`;
    const { id } = await createUser(db, { email, name: `The ${role}`, role, passwordHash });
    const { token } = await createApiKey(db, { user: id, name: 'test' });
    people[role] = { id, email, bearer: { authorization: `Bearer ${token}` } };
  }
  if (book !== null)
    await importBook(db, book, { importId: 'test', actor: { user: 'test', role: 'admin' } });
  const app = await apiWith(db, { processes, ...options });
  return {
    app,
    db,
    processes,
    people: people as Record<Role, Person>,
    as: (role, method, path, payload, headers = {}) =>
      inject(app, {
        method,
        url: `/api/v1${path}`,
        headers: { ...people[role]?.bearer, ...headers },
        ...(payload === undefined ? {} : { payload }),
      }),
    bring: (role, path, payload) =>
      inject(app, {
        method: 'POST',
        url: `/api/v1${path}`,
        headers: { ...people[role]?.bearer, 'content-type': 'application/octet-stream' },
        payload,
      }),
    async close() {
      await app.close();
      await connection.close();
    },
  };
}
