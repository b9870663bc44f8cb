/**
 * For customers' software, without a login: the key itself says who asks. Everything that is answered about a license is
 * answered to who holds its key. Checking needs no network (docs/licenses.md); this tells besides what the record knows.
 */
import { z } from 'zod';
import { tidyKey } from '../../connectors/license/own/license-key.ts';
import { signingRevocations } from '../../connectors/license/own/revocations.ts';
import { signedBy } from '../../connectors/license/own/signing.ts';
import { SignerSilentError, SigningKeyError } from '../../connectors/license/own/signing-key.ts';
import {
  inspectLicense,
  VERIFICATION_CODES,
  type Verification,
  verifyLicense,
} from '../../connectors/license/own/verification.ts';
import {
  getLicense,
  type LicenseKey,
  licenseByFingerprint,
  licensesOf,
  licensesSwitchedOff,
  switchedOff,
} from '../../db/index.ts';
import type { RouteContext, Routes } from '../app.ts';
import { ProblemError } from '../problems.ts';
import { openedKey } from '../views/licenses.ts';
import { todayFor, todayOf } from '../views/parties.ts';

const byKey = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(4000)
    .describe('the license key: key/…; blanks and line breaks are ignored'),
});
const LIST_SECONDS = 300;

interface Looked {
  readonly verification: Verification;
  /** Null where the record does not know the key: made by hand, or signed by nobody we know. */
  readonly row: LicenseKey | null;
  readonly successor: LicenseKey | null;
}

/** The signature first, offline as everybody can; only a key that we signed is looked up. */
async function look(context: RouteContext, given: string): Promise<Looked> {
  const { db, now, licenseKeys } = context;
  const key = tidyKey(given);
  const publicKeys = (await licenseKeys.accepted()).map(({ publicKey }) => publicKey);
  const today = await todayOf(db, now());
  const signed = verifyLicense(key, { publicKeys, on: today });
  const fingerprint = inspectLicense(key, null)?.fingerprint ?? '';
  const row = signed.claims === null ? null : await licenseByFingerprint(db, fingerprint);
  if (row === null) return { verification: signed, row, successor: null };
  const on = (await todayFor(db, { account: row.account }, now())).today;
  const off = await switchedOff(db, row);
  const revocations = off === null ? [] : [{ fingerprint, ...off }];
  const verification = verifyLicense(key, { publicKeys, on, revocations });
  return { verification, row, successor: await successorOf(context, row, on) };
}

/** The current license of the same subcontract; none for a key that was revoked, because that one may be in wrong hands. */
async function successorOf(
  { db }: RouteContext,
  row: LicenseKey,
  today: string,
): Promise<LicenseKey | null> {
  if (row.state === 'revoked') return null;
  const next = row.supersededBy === null ? null : await getLicense(db, row.supersededBy);
  // An evaluation belongs to no subcontract, what took its place does.
  const subcontract = row.subcontract ?? next?.subcontract ?? null;
  if (subcontract === null) return null;
  const others = (await licensesOf(db, { subcontract })).filter(
    ({ state, validThrough, fingerprint }) =>
      state === 'enabled' && validThrough >= today && fingerprint !== row.fingerprint,
  );
  const [furthest] = others.sort((a, b) => (a.validThrough > b.validThrough ? -1 : 1));
  return furthest ?? null;
}

export const licenseCheckRoutes: Routes = (app, context) => {
  const { db, now, licenseKeys, licenseVault, configuration } = context;
  const config = {
    permission: 'public' as const,
    rateLimit: { max: configuration.licenseChecksPerMinute, timeWindow: '1 minute' },
  };
  app.post(
    '/public/licenses/check',
    {
      config,
      schema: {
        summary: 'Whether a license key is valid today, and whether there is a newer one',
        body: byKey,
        response: {
          200: z.object({
            valid: z.boolean(),
            code: z.enum(VERIFICATION_CODES),
            message: z.string(),
            validThrough: z.string().nullable(),
            successorAvailable: z.boolean(),
          }),
        },
      },
    },
    async ({ body }, reply) => {
      const { verification, successor } = await look(context, body.key);
      const { valid, code, message, claims } = verification;
      reply.header('cache-control', 'no-store');
      return {
        valid,
        code,
        message,
        validThrough: claims?.validThrough ?? null,
        successorAvailable: successor !== null,
      };
    },
  );
  app.post(
    '/public/licenses/successor',
    {
      config: { ...config, answersSecret: true as const },
      schema: {
        summary: 'The key that took the place of this one',
        body: byKey,
        response: {
          200: z.object({
            key: z.string(),
            kind: z.enum(['full', 'temporary', 'evaluation']),
            validFrom: z.string(),
            validThrough: z.string(),
          }),
        },
      },
    },
    async ({ body }, reply) => {
      const { verification, successor } = await look(context, body.key);
      if (verification.claims === null)
        throw new ProblemError(
          'license-unknown',
          `This is no key of ours: ${verification.message}.`,
        );
      if (successor === null)
        throw new ProblemError('not-found', 'There is no newer key than this one.');
      const { key, kind, validFrom, validThrough } = successor;
      reply.header('cache-control', 'no-store');
      return { key: openedKey(licenseVault, key), kind, validFrom, validThrough };
    },
  );
  app.get(
    '/public/licenses/public-keys',
    {
      config,
      schema: {
        summary: 'The public keys that check licenses, the current one first',
        response: {
          200: z.object({
            keys: z.array(
              z.object({ keyId: z.string(), publicKey: z.string(), current: z.boolean() }),
            ),
          }),
        },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', `public, max-age=${LIST_SECONDS}`);
      const keys = (await licenseKeys.accepted()).map(({ keyId, publicPem, isCurrent }) => ({
        keyId,
        publicKey: publicPem,
        current: isCurrent,
      }));
      return { keys };
    },
  );
  app.get(
    '/public/licenses/revocations',
    {
      config,
      schema: {
        summary: 'The signed list of licenses that were switched off before their last day',
        produces: ['text/plain'],
      },
    },
    async (_request, reply) => {
      const today = await todayOf(db, now());
      const signing = signingRevocations(await licensesSwitchedOff(db, today), today);
      return reply
        .header('cache-control', `public, max-age=${LIST_SECONDS}`)
        .type('text/plain; charset=utf-8')
        .send(await usable(signedBy(signing, licenseKeys.sign)));
    },
  );
};

async function usable(list: Promise<string>): Promise<string> {
  try {
    return await list;
  } catch (error) {
    if (!(error instanceof SigningKeyError || error instanceof SignerSilentError)) throw error;
    throw new ProblemError('not-configured', 'No list can be signed; an operator is needed.', {
      cause: error,
    });
  }
}
