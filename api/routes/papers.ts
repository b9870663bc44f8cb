/** Papers in: remittance advices that propose what a payment pays, purchase orders beside the renewal they answer. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  MAX_PAPER_BYTES,
  PaperRejection,
  type PaperText,
  readPaper,
} from '../../connectors/papers/paper-text.ts';
import {
  attachPaper,
  type Db,
  getPaper,
  getPayment,
  getRenewal,
  listPapers,
  paperContent,
  paymentsOfSum,
  renewalsToOrder,
  storePaper,
} from '../../db/index.ts';
import { mentionsIn } from '../../domain/allocation/references.ts';
import {
  type Offer,
  orderDifferences,
  type PurchaseOrder,
  readOrder,
} from '../../domain/papers/order.ts';
import type { Agreement } from '../../domain/renewal/agreement.ts';
import type { Api, Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { name } from '../http/lists.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { OrderPaperView, RemittanceView } from '../types.ts';
import { money } from '../views/money.ts';
import { remittanceView, understoodIn } from '../views/papers.ts';

const LISTED = 100;
/** Readers are whole processes: more at once would only wait for each other. */
const AT_ONCE = 2;
let reading = 0;

const byPaper = z.object({ paper: z.string().min(1).max(100) });
const fileName = z.string().min(1).max(255);
const consumes = ['application/octet-stream'];

export const paperRoutes: Routes = (app, context) => {
  void app.register(async (scope) => {
    const api = scope as unknown as Api;
    api.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: MAX_PAPER_BYTES },
      (_request, body, done) => done(null, body),
    );
    uploads(api, context);
  });
  kept(app, context);
};

/** What is wrong with a paper is told as a problem; nothing of it is kept then. */
async function textOf(body: unknown): Promise<{ bytes: Buffer; read: PaperText }> {
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new ProblemError('malformed-request', 'Send the file as application/octet-stream.');
  if (reading >= AT_ONCE)
    throw new ProblemError(
      'too-many-requests',
      'Other papers are being read; try again in a moment.',
    );
  reading += 1;
  try {
    return { bytes: body, read: await readPaper(body) };
  } catch (error) {
    if (!(error instanceof PaperRejection)) throw error;
    throw new ProblemError(
      'invalid-input',
      `The paper was not read: ${error.message} (${error.code}).`,
      {
        cause: error,
      },
    );
  } finally {
    reading -= 1;
  }
}

const keyOf = (kind: string, bytes: Buffer) =>
  `${kind}:${createHash('sha256').update(bytes).digest('hex')}`;

const uploads: Routes = (app, { db }) => {
  app.post(
    '/payments/papers',
    {
      bodyLimit: MAX_PAPER_BYTES,
      config: { permission: 'payment:import', answer: 'RemittanceView' },
      schema: {
        summary: 'Read a remittance advice (text, mail, PDF, scan); it proposes, nothing is booked',
        querystring: z.strictObject({ fileName, payment: z.string().max(300).optional() }),
        consumes,
      },
    },
    async (request): Promise<RemittanceView> => {
      const { payment = null } = request.query;
      if (payment !== null && (await getPayment(db, payment)) === null)
        throw notFound('payment', payment);
      const { bytes, read } = await textOf(request.body);
      const understood = await understoodIn(db, read.text);
      const { paper } = await storePaper(db, {
        paper: keyOf('remittance', bytes),
        kind: 'remittance',
        fileName: request.query.fileName,
        mediaType: read.mediaType,
        content: bytes,
        text: read.text,
        readBy: read.readBy,
        understood,
        payment: payment ?? (await onlyFitting(db, understood)),
        renewal: null,
        createdBy: actorOf(request).user,
      });
      return remittanceView(db, paper);
    },
  );
  app.post(
    '/orders/papers',
    {
      bodyLimit: MAX_PAPER_BYTES,
      config: { permission: 'renewal:decide', answer: 'OrderPaperView' },
      schema: {
        summary: 'Read a customer’s purchase order and compare it with the renewal it answers',
        querystring: z.strictObject({ fileName, renewal: name.optional() }),
        consumes,
      },
    },
    async (request): Promise<OrderPaperView> => {
      const { bytes, read } = await textOf(request.body);
      const answered = await renewalOf(db, read.text, request.query.renewal ?? null);
      const order = readOrder(read.text, answered?.offer ?? null);
      const { paper } = await storePaper(db, {
        paper: keyOf('order', bytes),
        kind: 'order',
        fileName: request.query.fileName,
        mediaType: read.mediaType,
        content: bytes,
        text: read.text,
        readBy: read.readBy,
        understood: order,
        payment: null,
        renewal: answered?.renewal ?? null,
        createdBy: actorOf(request).user,
      });
      return orderView(paper, order, answered);
    },
  );
};

/** The one payment that the paper's sum fits; with several a person says which. */
async function onlyFitting(
  db: Db,
  { totalMinor, currency }: { totalMinor: number | null; currency: string | null },
): Promise<string | null> {
  if (totalMinor === null || currency === null) return null;
  const [only, ...others] = await paymentsOfSum(db, { amountMinor: totalMinor, currency });
  return only === undefined || others.length > 0 ? null : only.payment;
}

interface Answered {
  readonly renewal: string;
  readonly contract: string;
  readonly offer: Offer;
}

/** The renewal that is named, or whose contract the order names; the one of the next term where there are several. */
async function renewalOf(db: Db, text: string, named: string | null): Promise<Answered | null> {
  const found = named === null ? await renewalInText(db, text) : await getRenewal(db, named);
  if (named !== null && found === null) throw notFound('renewal', named);
  if (found === null) return null;
  const { currency, lines, netMinor } = found.agreement as Agreement;
  const offer: Offer = {
    currency,
    netMinor,
    lines: lines.map(({ subcontract, sku, description, quantity, newUnitPrice, ...line }) => ({
      subcontract,
      sku,
      description,
      quantity,
      unitPrice: newUnitPrice,
      netMinor: line.netMinor,
    })),
  };
  return { renewal: found.renewal, contract: found.contract, offer };
}

async function renewalInText(db: Db, text: string) {
  const open = await renewalsToOrder(db);
  const { contracts } = mentionsIn(text, [], [...new Set(open.map(({ contract }) => contract))]);
  const [contract, ...others] = contracts;
  if (contract === undefined || others.length > 0) return null;
  return open.find((one) => one.contract === contract) ?? null;
}

function orderView(
  paper: { paper: string; fileName: string; readBy: string },
  order: PurchaseOrder,
  answered: Answered | null,
): OrderPaperView {
  const { number, currency, totalMinor, lines } = order;
  const amount = (minor: number | null) =>
    minor === null || currency === null ? null : money(minor, currency);
  const differences = answered === null ? [] : orderDifferences(order, answered.offer);
  return {
    paper: paper.paper,
    fileName: paper.fileName,
    readBy: paper.readBy as OrderPaperView['readBy'],
    number,
    total: amount(totalMinor),
    lines: lines.map(({ sku, description, quantity, unitPrice, amountMinor }) => ({
      sku,
      description,
      quantity,
      unitPrice,
      amount: amount(amountMinor),
    })),
    renewal: answered?.renewal ?? null,
    contract: answered?.contract ?? null,
    differences,
    words: wordsOf(answered, differences.length),
  };
}

function wordsOf(answered: Answered | null, differences: number): string {
  if (answered === null)
    return 'It names no contract that waits for a renewal; say which it answers.';
  if (differences === 0) return `It agrees with the renewal of ${answered.contract}.`;
  return `It differs from the renewal of ${answered.contract} in ${differences} ${differences === 1 ? 'point' : 'points'}.`;
}

const kept: Routes = (app, { db }) => {
  app.get(
    '/payments/papers',
    {
      config: { permission: 'payment:read' },
      schema: { summary: 'Remittance advices, those without a payment first' },
    },
    async () => {
      const rows = await listPapers(db, { kind: 'remittance', limit: LISTED });
      return { items: await Promise.all(rows.map((row) => remittanceView(db, row))) };
    },
  );
  app.get(
    '/payments/papers/:paper/file',
    {
      config: { permission: 'payment:read' },
      schema: { summary: 'A paper as it came', params: byPaper },
    },
    async (request, reply) => {
      const found = await paperContent(db, request.params.paper);
      if (found === null) throw notFound('paper', request.params.paper);
      const safe = found.fileName.replace(/[^\w.-]+/g, '_');
      // Never shown as a page of ours: it is a stranger's file.
      return reply
        .header('content-disposition', `attachment; filename="${safe}"`)
        .header('content-security-policy', 'sandbox')
        .type('application/octet-stream')
        .send(found.content);
    },
  );
  app.post(
    '/payments/papers/:paper/attach',
    {
      config: { permission: 'payment:allocate' },
      schema: {
        summary: 'Say which payment a remittance advice is of; null takes it away',
        params: byPaper,
        body: z.strictObject({ payment: z.string().max(300).nullable() }),
      },
    },
    async (request): Promise<RemittanceView> => {
      const { payment } = request.body;
      if ((await getPaper(db, request.params.paper)) === null)
        throw notFound('paper', request.params.paper);
      if (payment !== null && (await getPayment(db, payment)) === null)
        throw notFound('payment', payment);
      const row = await attachPaper(db, {
        paper: request.params.paper,
        payment,
        actor: actorOf(request),
      });
      return remittanceView(db, row);
    },
  );
};
