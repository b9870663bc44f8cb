/** What people do in Tryton themselves: nothing of the connector's own ways is in between, but how it asks. */
import { z } from 'zod';
import {
  type Answer,
  askTryton,
  searchTryton,
  type TrytonConnection,
} from '../../../connectors/accounting/tryton/client.ts';
import { dateOf, decimalOf } from '../../../connectors/accounting/tryton/records.ts';

const id = z.int();
const CONTEXT = { company: 1, _skip_warnings: true };

function answered<T>(answer: Answer<T>): T {
  if (answer.result !== 'ok') throw new Error(answer.message);
  return answer.value;
}

export interface Hands {
  /** Writes or creates a record. @returns its id. */
  write(method: 'POST' | 'PUT', path: string, body: object): Promise<number>;
  /** An invoice like another one there, to its customer, posted. @returns its id. */
  invoice(like: string, made: { reference: string; netMinor: number }): Promise<string>;
  /** Money for a document, against the bank; on the customer's account where it is said to pay none. @returns its id. */
  pay(
    document: string,
    paid: { amountMinor: number; description: string; linked?: boolean },
  ): Promise<string>;
}

export function handsIn(connection: TrytonConnection): Hands {
  const one = async <T extends z.ZodRawShape>(
    model: string,
    domain: readonly unknown[],
    record: z.ZodObject<T>,
  ): Promise<z.output<z.ZodObject<T>>> => {
    const fields = Object.keys(record.shape);
    const search = { domain, limit: 1, fields, context: CONTEXT };
    const [found] = answered(await searchTryton(connection, model, search, record));
    if (found === undefined) throw new Error(`There is no such ${model}.`);
    return found;
  };
  const write: Hands['write'] = async (method, path, body) => {
    const request = { method, path, body, context: CONTEXT };
    return answered(await askTryton(connection, request, z.object({ id }))).id;
  };
  return {
    write,
    invoice: async (like, { reference, netMinor }) => {
      const parties = { party: id, invoice_address: id, account: id, currency: id, journal: id };
      const record = z.object({ ...parties, lines: z.array(id) });
      const { lines, ...same } = await one('account.invoice', [['id', '=', Number(like)]], record);
      const { account } = await one(
        'account.invoice.line',
        [['id', 'in', lines]],
        z.object({ account: id }),
      );
      const of = { type: 'line', invoice_type: 'out', company: 1, currency: same.currency };
      const price = { quantity: 1, unit_price: decimalOf(netMinor, 'EUR') };
      const line = { ...of, ...price, account, description: 'by hand' };
      const made = await write('POST', 'model/account.invoice', {
        ...{ ...same, type: 'out', company: 1, reference },
        ...{ invoice_date: dateOf('2026-04-09'), payment_term_date: dateOf('2026-05-09') },
        lines: [['create', [line]]],
      });
      await write('POST', `model/account.invoice/${made}/post`, {});
      return String(made);
    },
    pay: async (document, { amountMinor, description, linked = true }) => {
      const invoice = Number(document);
      const paid = await one(
        'account.invoice',
        [['id', '=', invoice]],
        z.object({ party: id, account: id }),
      );
      const method = z.object({ journal: id, debit_account: id });
      const bank = await one('account.invoice.payment.method', [], method);
      const period = await one(
        'account.period',
        [['start_date', '=', dateOf('2026-04-01')]],
        z.object({ id }),
      );
      const amount = decimalOf(amountMinor, 'EUR');
      const lines = [
        { account: bank.debit_account, debit: amount },
        { ...paid, credit: amount, ...(linked ? { invoice_payment: invoice } : {}) },
      ];
      const made = await write('POST', 'model/account.move', {
        ...{ company: 1, journal: bank.journal, period: period.id },
        ...{ date: dateOf('2026-04-09'), description, lines: [['create', lines]] },
      });
      await write('POST', `model/account.move/${made}/post`, {});
      return String(made);
    },
  };
}
