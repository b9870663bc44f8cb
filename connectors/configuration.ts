/**
 * The configuration of every process: one schema over environment variables, checked at start. It stands with the
 * connectors because it says how outside systems are reached, and because the API, the command line and the worker may all
 * import it. `perennial start` fills in what its embedded parts answer to and leaves that in the data folder for the other
 * commands (`environment.json`), so that they find a running Perennial without being told.
 */
import { createHash, hkdfSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { isCivilDate } from '../domain/dates/dates.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How a value is told of: what would be accepted, and whether it may be shown. */
interface Told {
  readonly accepts: string;
  readonly secret?: true;
}

const told = z.registry<Told>();

function url(schemes: readonly string[], example: string) {
  return z
    .string()
    .refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol))
    .refine((value) => !URL.canParse(value) || new URL(value).hostname !== '')
    .register(told, { accepts: `a URL such as ${example}` });
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .register(told, { accepts: `a whole number from ${least} to ${most}` });
}

function secret(accepts: string, pattern: RegExp) {
  return z.string().regex(pattern).register(told, { accepts, secret: true });
}

function text(accepts: string, pattern = /\S/) {
  return z.string().regex(pattern).register(told, { accepts });
}

function choice<const T extends readonly [string, ...string[]]>(...values: T) {
  return z.enum(values).register(told, { accepts: `one of ${values.join(', ')}` });
}

const civilDay = () =>
  z.string().refine(isCivilDate).register(told, { accepts: 'a day as YYYY-MM-DD' });

const file = () =>
  z
    .string()
    .refine((path) => existsSync(path))
    .register(told, { accepts: 'the path of a file that can be read' });

/** Every variable that Perennial reads. An empty value counts as not given. */
const variables = {
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/perennial'),
  DATABASE_POOL_SIZE: wholeNumber(1, 500).default(10),
  TEMPORAL_ADDRESS: text(
    'host:port, such as 127.0.0.1:7233',
    /^[^\s:/]+:\d{1,5}$|^\[[^\]\s]+\]:\d{1,5}$/,
  ),
  TEMPORAL_NAMESPACE: text('the name of a namespace').default('default'),
  TEMPORAL_API_KEY: secret('an API key of Temporal Cloud', /^\S+$/).optional(),
  TEMPORAL_TLS: choice('true', 'false').optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: file().optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: file().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: file().optional(),
  TEMPORAL_TLS_SERVER_NAME: text('the name in the server’s certificate').optional(),
  TEMPORAL_UI_URL: url(['http:', 'https:'], 'http://127.0.0.1:8233').optional(),
  SMTP_URL: url(['smtp:', 'smtps:'], 'smtp://user:password@host:587'),
  MAIL_FROM: text(
    'a mail address, with a name or without: Billing <billing@example.com>',
    /\S@\S/,
  ).default('Perennial <billing@perennial.example>'),
  MAIL_BOUNCE_ADDRESS: text(
    'the address that mail servers send bounces to: bounces@example.com',
    /^[^\s<>@]+@[^\s<>@]+$/,
  ).optional(),
  MAIL_BOUNCE_FOLDER: text('the path of a folder that bounce mails are put into').optional(),
  MAIL_WEBHOOK_SECRET: text('secrets that a mail provider signs with, a comma between').optional(),
  MAIL_PAGE_URL: url(['http:', 'https:'], 'http://127.0.0.1:1080').optional(),
  HOST: text('an address to listen on, such as 127.0.0.1 or 0.0.0.0', /^[\w.:-]+$/).default(
    '127.0.0.1',
  ),
  PORT: wholeNumber(0, 65_535).default(3000),
  PUBLIC_URL: url(['http:', 'https:'], 'https://billing.example.com').optional(),
  PERENNIAL_SECRET: secret('32 characters or more, the same for every process', /^.{32,}$/s),
  PERENNIAL_CODEC_KEYS: secret(
    'id:key pairs with commas, the newest first, each key 32 bytes in base64',
    /^[\w.-]+:[A-Za-z0-9+/]{43}=(,[\w.-]+:[A-Za-z0-9+/]{43}=)*$/,
  ).optional(),
  PERENNIAL_DATA: text('the path of a folder').default('.perennial'),
  LICENSE_PRIVATE_KEY_FILE: file().optional(),
  LICENSE_PRIVATE_KEY: secret(
    'an Ed25519 private key (PKCS 8): PEM, or that in base64',
    /\S/s,
  ).optional(),
  LICENSE_KMS_URL: url(
    ['http:', 'https:'],
    'https://vault.example.com:8200/v1/transit/keys/licenses',
  ).optional(),
  LICENSE_KMS_TOKEN: secret('a token of the key service', /^\S+$/).optional(),
  KEYGEN_URL: url(['http:', 'https:'], 'https://api.keygen.sh').default('https://api.keygen.sh'),
  KEYGEN_ACCOUNT: text('the id or slug of an account at Keygen', /^[\w.-]+$/).optional(),
  KEYGEN_TOKEN: secret('a product or admin token of Keygen', /^\S+$/).optional(),
  KEYGEN_POLICIES: text(
    'pairs with commas, product=policy or product/edition=policy',
    /^[^,=]+=[\w-]+(,[^,=]+=[\w-]+)*$/,
  ).optional(),
  KEYGEN_SEATS: choice('machines', 'users').default('machines'),
  HUBSPOT_TOKEN: secret('the token of a private app of HubSpot', /^\S+$/).optional(),
  HUBSPOT_URL: url(['http:', 'https:'], 'https://api.hubapi.com').default('https://api.hubapi.com'),
  HUBSPOT_TAX_ID_PROPERTY: text('the name of a property of companies', /^\w+$/).optional(),
  HUBSPOT_MAIL_PROPERTY: text('the name of a property of companies', /^\w+$/).optional(),
  COMPARE_FROM: civilDay().optional(),
  OUTSIDE_FOLDER: text(
    'the path of a folder that exports of other systems are put into',
  ).optional(),
  TRYTON_URL: url(['http:', 'https:'], 'https://tryton.example.com').optional(),
  TRYTON_DATABASE: text('the name of a database of Tryton', /^[\w.-]+$/).optional(),
  TRYTON_KEY: secret('the key of a user application of Tryton, type REST', /^\S+$/).optional(),
  TRYTON_COMPANIES: text(
    'pairs with commas, entity=the company’s name in Tryton',
    /^[^,=]+=[^,=]+(,[^,=]+=[^,=]+)*$/,
  ).optional(),
  TRYTON_REVENUE_ACCOUNT: text('the code of an account of Tryton').optional(),
  TRYTON_TAX_ACCOUNT: text('the code of an account of Tryton').optional(),
  TRYTON_PAYMENT_METHOD: text('the name of a payment method of Tryton').optional(),
  BANK_FOLDER: text('the path of a folder that a bank’s files are put into').optional(),
  STRIPE_SECRET_KEY: secret('a secret key of Stripe: sk_… or rk_…', /^[sr]k_\S+$/).optional(),
  STRIPE_API_URL: url(['http:', 'https:'], 'https://api.stripe.com').optional(),
  BANK_WEBHOOK_SECRET: text('secrets that bank feeds sign with, a comma between').optional(),
  STRIPE_WEBHOOK_SECRET: secret('a signing secret of Stripe: whsec_…', /^whsec_\S+$/).optional(),
  VIES_URL: url(
    ['http:', 'https:'],
    'https://ec.europa.eu/taxation_customs/vies/rest-api',
  ).optional(),
  WORKER_METRICS_ADDRESS: text(
    'host:port, such as 127.0.0.1:9464',
    /^[\w.:-]+:\d{1,5}$/,
  ).optional(),
  LOG_LEVEL: choice('debug', 'info', 'warn', 'error').default('info'),
};

const configurationSchema = z.object(variables);

/** Before `perennial start` has started them, the parts it brings need not be given. */
const settingsSchema = configurationSchema.partial({
  DATABASE_URL: true,
  TEMPORAL_ADDRESS: true,
  SMTP_URL: true,
  PERENNIAL_SECRET: true,
});

export type VariableName = keyof typeof variables;
export const variableNames = Object.keys(variables) as VariableName[];
/** The whole configuration, by the names of its variables. */
export type Configuration = z.output<typeof configurationSchema>;
/** What a person gave before `perennial start`: outside systems may be missing and are then embedded. */
export type Settings = z.output<typeof settingsSchema>;

/** A configuration that cannot be used; its message names each variable, what was found and what is accepted. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly variables: readonly string[];

  constructor(faults: readonly { variable: string; message: string }[]) {
    super(faults.map((fault) => fault.message).join('\n'));
    this.variables = faults.map((fault) => fault.variable);
  }
}

/** What may be shown of a value: no password, no key. */
function shown(value: string | undefined, secretValue: boolean): string {
  if (value === undefined) return 'is not set';
  if (secretValue) return `is not usable (${value.length} characters, not shown)`;
  const masked = value.replace(/(\/\/[^/@\s]*?:)[^@\s]*@/, '$1***@');
  return `is ${JSON.stringify(masked)}`;
}

function toldOf(variable: VariableName): Told {
  let schema: z.core.$ZodType = variables[variable];
  while (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    schema = schema.unwrap();
  const entry = told.get(schema);
  if (entry === undefined) throw new Error(`${variable} does not say what it accepts.`);
  return entry;
}

function explain(variable: VariableName, value: string | undefined): string {
  const { accepts, secret: isSecret } = toldOf(variable);
  const hint =
    value === undefined
      ? ' Set it, or start everything with `npm start`, which brings its own.'
      : '';
  return `${variable} ${shown(value, isSecret === true)}; accepted is ${accepts}.${hint}`;
}

function parse<S extends z.ZodType>(schema: S, env: Environment): z.output<S> {
  const given = Object.fromEntries(
    variableNames.flatMap((name) => {
      const value = env[name]?.trim();
      return value ? [[name, value]] : [];
    }),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const names = new Set(result.error.issues.map((issue) => issue.path[0] as VariableName));
  throw new ConfigurationError(
    [...names].map((variable) => ({ variable, message: explain(variable, given[variable]) })),
  );
}

/** Checks what a person gave to `perennial start`. @throws ConfigurationError */
export function readSettings(env: Environment): Settings {
  return parse(settingsSchema, env);
}

/** Where a running `perennial start` leaves what its parts answer to. */
export function environmentFile(dataFolder: string): string {
  return join(dataFolder, 'environment.json');
}

/** The environment, and below it what a `perennial start` that runs in this folder has left. */
function effectiveEnvironment(env: Environment): Environment {
  const left = environmentFile(resolve(env.PERENNIAL_DATA || '.perennial'));
  const below = existsSync(left) ? (JSON.parse(readFileSync(left, 'utf8')) as Environment) : {};
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  return { ...below, ...given };
}

/**
 * The configuration of a process: its environment, and below it what a `perennial start` that runs in this folder has left.
 * @throws ConfigurationError
 */
export function loadConfiguration(env: Environment = process.env): Configuration {
  return parse(configurationSchema, effectiveEnvironment(env));
}

/** The same where not everything need be known: to migrate, to diagnose. @throws ConfigurationError */
export function loadSettings(env: Environment = process.env): Settings {
  return parse(settingsSchema, effectiveEnvironment(env));
}

/** A key for one purpose, derived from the secret: `link`, `cookie`, `codec`. 32 bytes. */
export function derivedKey(configuration: { PERENNIAL_SECRET: string }, purpose: string): Buffer {
  const key = hkdfSync('sha256', configuration.PERENNIAL_SECRET, 'perennial', purpose, 32);
  return Buffer.from(key);
}

export interface CodecKey {
  readonly id: string;
  readonly key: Buffer;
}

/** The keys that encrypt payloads on Temporal: the first encrypts, all decrypt. Without any given, one from the secret. */
export function codecKeys(configuration: Configuration): CodecKey[] {
  const given = configuration.PERENNIAL_CODEC_KEYS?.split(',').map((pair) => {
    const at = pair.indexOf(':');
    return { id: pair.slice(0, at), key: Buffer.from(pair.slice(at + 1), 'base64') };
  });
  if (given) return given;
  const key = derivedKey(configuration, 'codec');
  // The id follows the key, so that a changed secret is noticed as an unknown key and not as broken data.
  return [{ id: createHash('sha256').update(key).digest('hex').slice(0, 8), key }];
}

export interface TemporalConnectionOptions {
  readonly address: string;
  readonly apiKey?: string;
  readonly tls?:
    | boolean
    | {
        serverNameOverride?: string;
        serverRootCACertificate?: Buffer;
        clientCertPair?: { crt: Buffer; key: Buffer };
      };
}

/** How to connect to Temporal, for `Connection.connect` and `NativeConnection.connect` alike. */
export function temporalConnectionOptions(
  configuration: {
    [K in keyof Configuration as K extends `TEMPORAL_${string}` ? K : never]: Configuration[K];
  },
): TemporalConnectionOptions {
  const c = configuration;
  const certificate = c.TEMPORAL_TLS_CLIENT_CERT_PATH;
  const key = c.TEMPORAL_TLS_CLIENT_KEY_PATH;
  const authority = c.TEMPORAL_TLS_SERVER_CA_CERT_PATH;
  const detailed = {
    ...(c.TEMPORAL_TLS_SERVER_NAME ? { serverNameOverride: c.TEMPORAL_TLS_SERVER_NAME } : {}),
    ...(authority ? { serverRootCACertificate: readFileSync(authority) } : {}),
    ...(certificate && key
      ? { clientCertPair: { crt: readFileSync(certificate), key: readFileSync(key) } }
      : {}),
  };
  const plain = c.TEMPORAL_TLS === 'true' || c.TEMPORAL_API_KEY !== undefined;
  const tls = Object.keys(detailed).length > 0 ? detailed : plain;
  return {
    address: c.TEMPORAL_ADDRESS,
    ...(c.TEMPORAL_API_KEY ? { apiKey: c.TEMPORAL_API_KEY } : {}),
    ...(tls && c.TEMPORAL_TLS !== 'false' ? { tls } : {}),
  };
}
