/** Logs of the worker as JSON lines, Temporal's own among them; what looks like a secret is never written. */
import { Runtime } from '@temporalio/worker';
import { type Logger, pino } from 'pino';
import { logOutput } from '../connectors/log-output.ts';

const SECRETS = ['password', 'secret', 'key', 'apiKey', 'token', 'authorization', 'licenseKey'];

export function createLog(level: string): Logger {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`]);
  return pino({ level, redact: { paths, censor: '[not shown]' } }, logOutput());
}

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/** Once a process, before any connection. Metrics are served where an address is given. */
export function installRuntime(log: Logger, metricsAddress: string | undefined): void {
  const write = (level: keyof typeof LEVELS, message: string, meta?: object) =>
    log[LEVELS[level]](meta ?? {}, message);
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log: write,
      trace: (message, meta) => write('TRACE', message, meta),
      debug: (message, meta) => write('DEBUG', message, meta),
      info: (message, meta) => write('INFO', message, meta),
      warn: (message, meta) => write('WARN', message, meta),
      error: (message, meta) => write('ERROR', message, meta),
    },
    telemetryOptions: metricsAddress
      ? { metrics: { prometheus: { bindAddress: metricsAddress } } }
      : {},
  });
}
