/** `perennial api` and `perennial worker`: one process in the foreground, as it is run past one machine. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { loadConfiguration } from '../connectors/configuration.ts';
import type { CommandModule } from './commands.ts';
import { configured } from './configured.ts';
import { type CommandContext, CommandError } from './context.ts';
import { nodeArguments } from './start/node-arguments.ts';
import { projectFolder } from './start/package-folder.ts';
import { API_SCRIPT, WORKER_SCRIPT } from './start/parts.ts';

/** Runs the script until it ends; signals reach it, and it ends with us by its channel. */
async function runInForeground(script: string, name: string, context: CommandContext) {
  configured(() => loadConfiguration(context.env));
  const child = spawn(process.execPath, nodeArguments(join(projectFolder, script)), {
    // A Ctrl-C comes to us alone and is passed on once.
    detached: true,
    env: { ...context.env, TZ: 'UTC' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', (message) => {
    if (typeof message !== 'object' || message === null || !('ready' in message)) return;
    const { url } = message as { url?: string };
    context.output.say(`The ${name} is ready${url ? ` at ${url}` : ''}`);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => child.kill('SIGTERM'));
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('exit', done);
  });
  if (code !== 0) throw new CommandError(`The ${name} ended with ${code ?? 'a signal'}.`);
}

export const api: CommandModule = {
  register: (command, context) => {
    command.action(() => runInForeground(API_SCRIPT, 'API', context));
  },
};

export const worker: CommandModule = {
  register: (command, context) => {
    command.action(() => runInForeground(WORKER_SCRIPT, 'worker', context));
  },
};
