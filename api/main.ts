/** The process that serves HTTP: configuration, connections, the app; stops on SIGTERM or when its parent is gone. */
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedAccounting } from '../connectors/accounting/installed.ts';
import { derivedKey, loadConfiguration } from '../connectors/configuration.ts';
import { installedCrm } from '../connectors/crm/installed.ts';
import { installedIssuer, installedKeys, installedVault } from '../connectors/license/installed.ts';
import { publicLinks } from '../connectors/mail/links.ts';
import { createStripeCollector } from '../connectors/payments/stripe/collector.ts';
import { createStripeReader } from '../connectors/payments/stripe/reader.ts';
import { stripeWebhookSecret } from '../connectors/payments/stripe/secret.ts';
import { connectTemporal } from '../connectors/temporal/client.ts';
import { webhookSecrets } from '../connectors/webhooks/standard-webhooks.ts';
import { addCrmNote, connect, crmIdOf } from '../db/index.ts';
import { createRenderPool } from '../documents/render-pool.ts';
import { errorWords } from '../domain/error-words.ts';
import { buildApi } from './app.ts';
import { bankFolder } from './bank/folder.ts';
import { bounceFolder } from './mail/folder.ts';
import { outsideFolder } from './outside/folder.ts';
import { createPapers } from './papers.ts';
import { temporalProcesses } from './processes.ts';
import { watchFolder } from './watched-folder.ts';

const SESSION_SECONDS = 12 * 3600;

function version(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

async function main(): Promise<void> {
  const configuration = loadConfiguration();
  const { HOST, PORT } = configuration;
  const publicUrl = (configuration.PUBLIC_URL ?? `http://${HOST}:${PORT}`).replace(/\/+$/, '');
  const database = connect(configuration.DATABASE_URL, {
    max: configuration.DATABASE_POOL_SIZE,
    applicationName: 'perennial-api',
  });
  const temporal = await connectTemporal(configuration);
  const renderPool = createRenderPool({ size: 1 });
  const linkKey = derivedKey(configuration, 'link');
  const mailKey = derivedKey(configuration, 'mail');
  const links = publicLinks(publicUrl, linkKey);
  const webFolder = fileURLToPath(new URL('../web/dist', import.meta.url));
  const processes = temporalProcesses(temporal.client);
  const app = await buildApi({
    db: database.db,
    processes,
    licenseKeys: installedKeys(configuration),
    licenseIssuer: installedIssuer(configuration),
    licenseVault: installedVault(configuration),
    papers: createPapers({ db: database.db, renderPool, payUrl: links.payInvoice }),
    configuration: {
      publicUrl,
      temporalUiUrl: configuration.TEMPORAL_UI_URL?.replace(/\/+$/, '') ?? null,
      stripeWebhookSecret: stripeWebhookSecret(configuration),
      bankWebhookSecrets: webhookSecrets(configuration.BANK_WEBHOOK_SECRET),
      mailWebhookSecrets: webhookSecrets(configuration.MAIL_WEBHOOK_SECRET),
      linkKey,
      mailKey,
      webFolder: existsSync(webFolder) ? webFolder : null,
      version: version(),
      uploadFolder: join(configuration.PERENNIAL_DATA, 'uploads'),
      requestsPerMinute: 1200,
      signInsPerMinute: 10,
      licenseChecksPerMinute: 60,
      sessionSeconds: SESSION_SECONDS,
    },
    stripe:
      configuration.STRIPE_SECRET_KEY === undefined
        ? null
        : createStripeReader(configuration.STRIPE_SECRET_KEY, configuration.STRIPE_API_URL),
    collector:
      configuration.STRIPE_SECRET_KEY === undefined
        ? null
        : createStripeCollector(configuration.STRIPE_SECRET_KEY, configuration.STRIPE_API_URL),
    outside: {
      accounting: installedAccounting(configuration),
      crm: installedCrm(configuration, {
        keepNote: (note) => addCrmNote(database.db, note),
        idOf: (account) => crmIdOf(database.db, account),
      }),
    },
    now: () => new Date(),
    log: configuration.LOG_LEVEL,
  });

  const warn = (error: unknown, file: string) =>
    app.log.error({ err: error, file }, 'a file in a watched folder waits');
  const shared = { db: database.db, processes, warn };
  const watched = [
    ...(configuration.BANK_FOLDER === undefined
      ? []
      : [bankFolder({ folder: configuration.BANK_FOLDER, ...shared })]),
    ...(configuration.OUTSIDE_FOLDER === undefined
      ? []
      : [
          outsideFolder({ folder: configuration.OUTSIDE_FOLDER, now: () => new Date(), ...shared }),
        ]),
    ...(configuration.MAIL_BOUNCE_FOLDER === undefined
      ? []
      : [
          bounceFolder({
            folder: configuration.MAIL_BOUNCE_FOLDER,
            mailKey,
            now: () => new Date(),
            ...shared,
          }),
        ]),
  ].map((folder) => watchFolder(folder));

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    (async () => {
      await Promise.all(watched.map((folder) => folder.stop()));
      await app.close();
      await renderPool.close();
      await temporal.close();
      await database.close();
    })().then(
      () => process.exit(0),
      (error: unknown) => {
        app.log.error({ err: error }, 'did not stop in order');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);

  await app.listen({ host: HOST, port: PORT });
  const { port } = app.server.address() as AddressInfo;
  process.send?.({
    ready: true,
    url: configuration.PUBLIC_URL ? publicUrl : `http://${HOST}:${port}`,
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${errorWords(error)}\n`);
  process.exit(1);
});
