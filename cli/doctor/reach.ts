/** Whether what is configured outside this machine is reached and lets us in; nothing is written there. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { installedAccounting } from '../../connectors/accounting/installed.ts';
import type { Accounting } from '../../connectors/accounting/port.ts';
import {
  ConfigurationError,
  type Settings,
  temporalConnectionOptions,
} from '../../connectors/configuration.ts';
import { type CrmRecord, installedCrm } from '../../connectors/crm/installed.ts';
import type { Crm } from '../../connectors/crm/port.ts';
import { createSmtpMailer } from '../../connectors/mail/smtp.ts';
import { probeTemporal } from '../start/parts.ts';
import { type Check, cause, ok, problem } from './check.ts';

/** Temporal's client asks again and again where nobody answers. */
const TEMPORAL_LIMIT_MS = 5_000;
/** Where nobody answers this is known at once; some mail servers let strangers wait, and a busy machine everybody. */
const LIMIT_MS = 30_000;

// ---------------------------------------------------------------- Temporal

/** What to do about an answer of Temporal's, the most telling words first. */
const TEMPORAL_ADVICE: readonly (readonly [RegExp, (settings: Settings) => string])[] = [
  [
    /namespace .*not found|NamespaceNotFound|NOT_FOUND/i,
    ({ TEMPORAL_NAMESPACE }) =>
      `Make the namespace ${TEMPORAL_NAMESPACE} there, or correct TEMPORAL_NAMESPACE.`,
  ],
  [
    /UNAUTHENTICATED|PERMISSION_DENIED|unauthorized|jwt|api key/i,
    () => 'Correct TEMPORAL_API_KEY (or the client certificate), or let it into the namespace.',
  ],
  [
    /certificate|UnknownIssuer|NotValidForName|invalid peer|handshake|InvalidContentType|tls|alert/i,
    () =>
      'Set TEMPORAL_TLS=false where the server speaks without TLS; else correct TEMPORAL_TLS_SERVER_CA_CERT_PATH, ' +
      'TEMPORAL_TLS_SERVER_NAME and the client certificate.',
  ],
];

/** The server answers, has the namespace and lets us in. */
export async function checkTemporalAt(settings: Settings, address: string): Promise<Check> {
  const { TEMPORAL_NAMESPACE: namespace } = settings;
  try {
    const options = temporalConnectionOptions({ ...settings, TEMPORAL_ADDRESS: address });
    const version = await probeTemporal(options, namespace, TEMPORAL_LIMIT_MS);
    return ok('temporal', `${version} at ${address}, namespace ${namespace}`);
  } catch (error) {
    const words = cause(error);
    const found = TEMPORAL_ADVICE.find(([pattern]) => pattern.test(words));
    const speaks = settings.TEMPORAL_TLS === 'true' || settings.TEMPORAL_API_KEY !== undefined;
    const todo =
      found?.[1](settings) ??
      `Start the server or correct TEMPORAL_ADDRESS; where it answers, look whether it speaks TLS (here it is ${
        speaks ? 'on' : 'off'
      }: TEMPORAL_TLS).`;
    return problem('temporal', `${address}: ${words}`, todo);
  }
}

// ---------------------------------------------------------------- mail

/** The mail server answers, speaks TLS as it is asked to, and takes the credentials. No mail is sent. */
export async function checkMailAt(url: string): Promise<Check> {
  const { host } = new URL(url);
  const mailer = createSmtpMailer({
    url,
    connectMs: LIMIT_MS,
    silenceMs: LIMIT_MS,
    // Signs mails; this sends none.
    tokenKey: Buffer.alloc(0),
  });
  try {
    const wrong = await mailer.check();
    if (wrong === null) return ok('mail', `${host} answers and lets us in`);
    const todo = /\b5\d\d\b|auth|credential/i.test(wrong)
      ? 'Correct user and password in SMTP_URL (special characters percent-encoded).'
      : /certificate|tls|ssl|wrong version/i.test(wrong)
        ? 'Correct smtp:// or smtps:// and the port in SMTP_URL, or the server’s certificate.'
        : 'Start it or correct SMTP_URL.';
    return problem('mail', `${host}: ${wrong}`, todo);
  } finally {
    mailer.close();
  }
}

// ---------------------------------------------------------------- systems that speak HTTP

interface Asked {
  readonly check: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The variables that name it and let us in. */
  readonly address: string;
  readonly secret: string | null;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** One harmless reading of each system that is configured. */
function askedOf(settings: Settings): Asked[] {
  const { STRIPE_SECRET_KEY, STRIPE_API_URL } = settings;
  const { KEYGEN_ACCOUNT, KEYGEN_TOKEN, KEYGEN_URL } = settings;
  const { LICENSE_KMS_URL, LICENSE_KMS_TOKEN, VIES_URL } = settings;
  return [
    STRIPE_SECRET_KEY === undefined
      ? null
      : {
          check: 'stripe',
          url: `${STRIPE_API_URL ?? 'https://api.stripe.com'}/v1/account`,
          headers: bearer(STRIPE_SECRET_KEY),
          address: 'STRIPE_API_URL',
          secret: 'STRIPE_SECRET_KEY',
        },
    KEYGEN_ACCOUNT === undefined || KEYGEN_TOKEN === undefined
      ? null
      : {
          check: 'keygen',
          url: `${KEYGEN_URL}/v1/accounts/${KEYGEN_ACCOUNT}/me`,
          headers: { ...bearer(KEYGEN_TOKEN), accept: 'application/vnd.api+json' },
          address: 'KEYGEN_URL or KEYGEN_ACCOUNT',
          secret: 'KEYGEN_TOKEN',
        },
    LICENSE_KMS_URL === undefined
      ? null
      : {
          check: 'key service',
          url: LICENSE_KMS_URL,
          headers: LICENSE_KMS_TOKEN === undefined ? {} : { 'x-vault-token': LICENSE_KMS_TOKEN },
          address: 'LICENSE_KMS_URL',
          secret: 'LICENSE_KMS_TOKEN',
        },
    VIES_URL === undefined
      ? null
      : {
          check: 'vies',
          url: `${VIES_URL}/check-status`,
          headers: {},
          address: 'VIES_URL',
          secret: null,
        },
  ].filter((one) => one !== null);
}

async function askOne({ check, url, headers, address, secret }: Asked): Promise<Check> {
  const { host } = new URL(url);
  try {
    const answer = await fetch(url, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    await answer.body?.cancel();
    const { status } = answer;
    if (secret !== null && (status === 401 || status === 403))
      return problem(
        check,
        `${host} refuses us (${status})`,
        `Correct ${secret}, or what it may do there.`,
      );
    if (status === 404 && secret !== null)
      return problem(check, `${host} does not know what we ask for (404)`, `Correct ${address}.`);
    if (status >= 500)
      return problem(
        check,
        `${host} has a fault of its own (${status})`,
        'Wait, or ask its operator.',
      );
    return ok(check, `${host} answers${secret === null ? '' : ' and lets us in'}`);
  } catch (error) {
    return problem(
      check,
      `${host}: ${cause(error)}`,
      `Start it, let this machine reach it, or correct ${address}.`,
    );
  }
}

export async function checkSystems(settings: Settings): Promise<Check[]> {
  const checks = await Promise.all([
    ...askedOf(settings).map(askOne),
    checkPort('accounting', () => installedAccounting(settings)),
    checkPort('crm', () => installedCrm(settings, NO_RECORD)),
  ]);
  return checks.filter((one) => one !== null);
}

/** Reaching a CRM touches nothing of our record. */
const NO_RECORD: CrmRecord = {
  keepNote: () => Promise.reject(new Error('the doctor writes nothing')),
  idOf: async () => null,
};

/** By the connector's own reading; null where ours is built in. What is given by half is told too. */
async function checkPort(
  check: string,
  installed: () => Pick<Accounting | Crm, 'reach'>,
): Promise<Check | null> {
  try {
    const answer = await installed().reach?.();
    if (answer === undefined) return null;
    if (answer.result === 'ok') return ok(check, answer.words);
    const todo =
      answer.result === 'rejected'
        ? 'Correct the key or token, or what it may do there.'
        : 'Start it, let this machine reach it, or correct its address.';
    return problem(check, answer.message, todo);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return problem(check, error.message, 'Set what is missing, or unset what needs it.');
  }
}

// ---------------------------------------------------------------- folders that others write into

/** Files are moved within such a folder: it has to be there, and ours to write. */
export async function checkWatched(settings: Settings): Promise<Check[]> {
  const given = [
    ['bank folder', 'BANK_FOLDER', settings.BANK_FOLDER],
    ['bounce folder', 'MAIL_BOUNCE_FOLDER', settings.MAIL_BOUNCE_FOLDER],
  ] as const;
  const checks = given.map(async ([check, variable, path]): Promise<Check | null> => {
    if (path === undefined) return null;
    const folder = resolve(path);
    const todo = `Make it, for the user that runs the API to write in, or correct ${variable}.`;
    try {
      const found = await stat(folder);
      if (!found.isDirectory()) return problem(check, `${folder} is no folder`, todo);
      await access(folder, constants.R_OK | constants.W_OK);
      return ok(check, folder);
    } catch (error) {
      return problem(check, cause(error), todo);
    }
  });
  return (await Promise.all(checks)).filter((one) => one !== null);
}

/** The API of a product that runs here answers that it is ready. */
export async function checkApi({ HOST, PORT }: Settings): Promise<Check> {
  const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${PORT}/ready`;
  const todo = 'Look into logs/api.log and logs/worker.log in the data folder.';
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
    const words = answer.ok ? '' : (await answer.text()).slice(0, 200);
    return answer.ok ? ok('api', `ready at ${url}`) : problem('api', `not ready: ${words}`, todo);
  } catch (error) {
    return problem('api', `${url}: ${cause(error)}`, todo);
  }
}
