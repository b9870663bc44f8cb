/**
 * Stripe's other side on this machine: stripe-mock (Stripe's own, checks requests against its OpenAPI, keeps nothing) and
 * localstripe (keeps state, knows cards that are declined). Built or fetched once into this user's cache; what is missing is
 * said in words, and the tests that need it say that they are skipped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { cacheFolder } from '../../cli/start/cache-folder.ts';
import { anyFreePort } from '../../cli/start/ports.ts';
import { eventually } from './eventually.ts';
import { onceInCache, pythonPackages, run } from './once-in-cache.ts';
import { endWithRun } from './servers.ts';

const MOCK_VERSION = 'v0.203.0';
const LOCALSTRIPE_VERSION = '1.15.10';
const UP_MS = 60_000;

export type Counterpart =
  | { readonly url: string; stop(): Promise<void> }
  | { readonly missing: string };

/** localstripe's own command listens on all interfaces; these lines listen on one. */
const SERVE = `
import sys
from aiohttp import web
from localstripe.server import app
web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), access_log=None, print=None)
`;

async function answers(port: number, child: ChildProcess): Promise<void> {
  await eventually(
    'Stripe’s counterpart to answer',
    async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      const answer = await fetch(`http://127.0.0.1:${port}/v1/customers`, {
        headers: { authorization: 'Bearer sk_test_123' },
      }).catch(() => null);
      return answer !== null;
    },
    UP_MS,
  );
}

async function started(command: string, args: (port: number) => string[]): Promise<Counterpart> {
  const port = await anyFreePort();
  const child = spawn(command, args(port), { stdio: 'ignore' });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  if (child.pid !== undefined) await endWithRun(child.pid);
  await answers(port, child);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

/** Stripe's own mock: refuses what its OpenAPI does not know. */
export async function startStripeMock(): Promise<Counterpart> {
  const folder = cacheFolder('stripe-mock', MOCK_VERSION);
  const module = `github.com/stripe/stripe-mock@${MOCK_VERSION}`;
  const missing = await onceInCache(folder, (into) =>
    run('go', ['install', module], { GOBIN: into }),
  );
  if (missing !== null) return { missing };
  const tlsPort = await anyFreePort();
  return started(join(folder, 'stripe-mock'), (port) => [
    '-http-addr',
    `127.0.0.1:${port}`,
    '-https-addr',
    `127.0.0.1:${tlsPort}`,
  ]);
}

/** A Stripe that keeps what it is told. */
export async function startLocalstripe(): Promise<Counterpart> {
  const folder = cacheFolder('localstripe', LOCALSTRIPE_VERSION);
  const missing = await onceInCache(folder, (into) =>
    pythonPackages(into, [`localstripe==${LOCALSTRIPE_VERSION}`]),
  );
  if (missing !== null) return { missing };
  return started(join(folder, 'bin', 'python'), (port) => ['-c', SERVE, String(port)]);
}
