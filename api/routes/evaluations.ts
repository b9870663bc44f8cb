/**
 * Evaluation licenses: to try a product with before any contract (billing rules §8). A person hands the key over; the first
 * license of a contract for the same account and product takes its place.
 */
import { z } from 'zod';
import { storedKey } from '../../connectors/license/vault.ts';
import { addCrmNote, audit, getFact, licensesOf, saveLicense } from '../../db/index.ts';
import { addDays } from '../../domain/dates/dates.ts';
import { featureNames, type LicenseClaims } from '../../domain/licenses/claims.ts';
import { licenseId } from '../../workflows/ids.ts';
import type { RouteContext, Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { civilDate, name, reason } from '../http/lists.ts';
import { notFound, ProblemError } from '../problems.ts';
import { todayFor } from '../views/parties.ts';

/** Longer than this is no trial but a gift, which a contract with a discount says better. */
const DAYS_MOST = 90;

const order = z.strictObject({
  account: name,
  sku: name,
  seats: z.int().min(1).max(1_000_000).default(1),
  edition: z.string().trim().min(1).max(100).optional().describe('default: the product’s own'),
  through: civilDate,
  reason,
});

export const evaluationRoutes: Routes = (app, context) => {
  app.post(
    '/licenses/evaluations',
    {
      config: { permission: 'license:evaluate', answersSecret: true as const },
      schema: {
        summary: 'Issue an evaluation license; the answer holds its key, to be handed over',
        body: order,
        response: { 200: z.object({ license: z.string(), key: z.string() }) },
      },
    },
    async (request) => {
      const { account, sku, through } = request.body;
      const { db, now } = context;
      const party = await getFact(db, 'accounts', { account });
      if (party === null) throw notFound('account', account);
      const product = await getFact(db, 'products', { sku });
      if (product === null) throw notFound('product', sku);
      const { today } = await todayFor(db, { account }, now());
      if (through < today || through > addDays(today, DAYS_MOST))
        throw new ProblemError(
          'invalid-input',
          `An evaluation ends within ${DAYS_MOST} days: name a day from ${today} to ${addDays(today, DAYS_MOST)}.`,
        );
      const claims: LicenseClaims = {
        account,
        product: sku,
        edition: request.body.edition ?? product.custom.edition ?? 'standard',
        seats: request.body.seats,
        validFrom: today,
        validThrough: through,
        kind: 'evaluation',
        features: featureNames(product.custom.features),
      };
      return issue(context, claims, { actor: actorOf(request), reason: request.body.reason });
    },
  );
};

/** The issue, its record, the note in the CRM and the line of the audit trail: all or none. */
async function issue(
  { db, licenseIssuer, licenseVault }: RouteContext,
  claims: LicenseClaims,
  { actor, reason: why }: { actor: ReturnType<typeof actorOf>; reason: string },
): Promise<{ license: string; key: string }> {
  const { account, product: sku, edition, seats, validFrom, validThrough, features = [] } = claims;
  const subject = `${account}-${sku}`;
  const alike = (await licensesOf(db, { account })).filter(
    (one) => one.kind === 'evaluation' && one.sku === sku && one.validThrough === validThrough,
  );
  const license = licenseId(subject, 'evaluation', validThrough, alike.length + 1);
  const answer = await licenseIssuer.issue({
    license: `license:${license}`,
    claims,
    format: 'key',
  });
  if (answer.result !== 'ok')
    throw new ProblemError('not-configured', `No license could be issued: ${answer.message}`);
  const { key } = answer.value;
  await db.transaction(async (tx) => {
    const row = { license, account, contract: null, subcontract: null, sku, edition, seats };
    const dates = { validFrom, validThrough, issuedOn: validFrom, kind: 'evaluation' as const };
    const stored = { ...storedKey(licenseVault, key), features: [...features] };
    await saveLicense(
      tx,
      { ...row, ...dates, ...stored, cause: 'evaluation-requested' },
      { actor: actor.user, note: why },
    );
    await addCrmNote(tx, {
      key: `license:${license}:crm`,
      account,
      contract: null,
      subject: `License ${license}`,
      body: `${license}: evaluation, ${seats} × ${sku} ${edition} for ${account}, ${validFrom} to ${validThrough}. Why: ${why}`,
      notedOn: validFrom,
    });
    await audit(tx, { actor, action: 'license.evaluate', subject: license, reason: why });
  });
  return { license, key };
}
