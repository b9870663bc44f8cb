/** Papers in: remittance advices that propose what a payment pays. Purchase orders: purchase-orders.ts. */
import { z } from 'zod';
import { MAX_PAPER_BYTES, type PaperText } from '../../connectors/papers/paper-text.ts';
import {
  attachPaper,
  type Db,
  finishPaper,
  getPaper,
  listPapers,
  paymentsOfSum,
  type ReceivedPaper,
} from '../../db/index.ts';
import type { Api, RouteContext, Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { bytesOf, keepAndRead, sendFile, takesFiles } from '../papers-in.ts';
import { foundPayment } from '../payment-commands.ts';
import { notFound } from '../problems.ts';
import type { RemittanceView } from '../types.ts';
import { remittanceView, understoodIn } from '../views/papers.ts';

const LISTED = 100;

const byPaper = z.object({ paper: z.string().min(1).max(100) });
const fileName = z.string().min(1).max(255);

export const paperRoutes: Routes = (app, context) => {
  void app.register(async (scope) => uploads(takesFiles(scope as unknown as Api), context));
  kept(app, context);
};

/** What is kept of a remittance advice once its text is known. */
function understandRemittance(db: Db, paper: ReceivedPaper) {
  return async ({ text, readBy, mediaType }: PaperText) => {
    const understood = await understoodIn(db, text);
    const payment = paper.payment ?? (await onlyFitting(db, understood));
    await finishPaper(db, paper.paper, { text, readBy, mediaType, understood, payment });
  };
}

/** What was being read when the process before this one ended is read now that somebody asks for it. */
function goOn({ db, paperReading }: RouteContext, paper: ReceivedPaper): void {
  if (paper.state === 'reading') paperReading.begin(paper.paper, understandRemittance(db, paper));
}

const uploads: Routes = (app, context) => {
  const { db, paperReading } = context;
  app.post(
    '/payments/papers',
    {
      bodyLimit: MAX_PAPER_BYTES,
      config: { permission: 'payment:import', answer: 'RemittanceView' },
      schema: {
        summary:
          'Read a remittance advice (text, mail, PDF, scan); it proposes, nothing is booked. 202 while it is read',
        querystring: z.strictObject({ fileName, payment: z.string().max(300).optional() }),
        consumes: ['application/octet-stream'],
      },
    },
    async (request, reply): Promise<RemittanceView> => {
      const { payment = null } = request.query;
      if (payment !== null) await foundPayment(db, payment);
      const paper = await keepAndRead(
        context,
        {
          kind: 'remittance',
          fileName: request.query.fileName,
          bytes: bytesOf(request.body),
          payment,
          renewal: null,
          contract: null,
          createdBy: actorOf(request).user,
        },
        (row) => understandRemittance(db, row),
      );
      if (paper.state === 'reading')
        void reply
          .code(202)
          .header('location', `/api/v1/payments/papers/${encodeURIComponent(paper.paper)}`);
      return remittanceView(db, paper, paperReading);
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

const kept: Routes = (app, context) => {
  const { db, paperReading } = context;
  app.get(
    '/payments/papers/:paper',
    {
      config: { permission: 'payment:read', answer: 'RemittanceView' },
      schema: { summary: 'One remittance advice, and how far it is read', params: byPaper },
    },
    async ({ params }): Promise<RemittanceView> => {
      const paper = await getPaper(db, params.paper);
      if (paper === null || paper.kind !== 'remittance') throw notFound('paper', params.paper);
      goOn(context, paper);
      return remittanceView(db, paper, paperReading);
    },
  );
  app.get(
    '/payments/papers',
    {
      config: { permission: 'payment:read' },
      schema: { summary: 'Remittance advices, those without a payment first' },
    },
    async () => {
      const rows = await listPapers(db, { kind: 'remittance', limit: LISTED });
      for (const row of rows) goOn(context, row);
      return { items: await Promise.all(rows.map((row) => remittanceView(db, row, paperReading))) };
    },
  );
  app.get(
    '/payments/papers/:paper/file',
    {
      config: { permission: 'payment:read' },
      schema: { summary: 'A paper as it came', params: byPaper },
    },
    async (request, reply) => {
      return sendFile(db, request.params.paper, reply);
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
      if (payment !== null) await foundPayment(db, payment);
      const row = await attachPaper(db, {
        paper: request.params.paper,
        payment,
        actor: actorOf(request),
      });
      return remittanceView(db, row, paperReading);
    },
  );
};
