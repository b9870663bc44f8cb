/**
 * Which process a pid means. A pid is given again after its process ended, so a recorded pid alone must never be
 * signalled: an identity adds the moment the process began, as the operating system tells it.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: equal for the same process, different for a later one with the same pid. */
  readonly startedAs: string;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** The state letter and start moment from /proc/PID/stat; the name in parentheses may hold spaces. */
function linuxStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const dead = fields[0] === 'Z' || fields[0] === 'X';
    return dead ? null : `${bootId()}:${fields[19]}`;
  } catch {
    return null;
  }
}

function otherStart(pid: number): string | null {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const text = status === 0 ? stdout.trim() : '';
  return text === '' || text.startsWith('Z') ? null : text.replace(/^\S+\s+/, '');
}

/** The identity of a running process, or null where none runs under that pid (a zombie does not run). */
export function identify(pid: number): ProcessIdentity | null {
  const startedAs = process.platform === 'linux' ? linuxStart(pid) : otherStart(pid);
  return startedAs === null ? null : { pid, startedAs };
}

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAs === identity.startedAs;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits until the process has ended, at most `limitMs` milliseconds; answers whether it has. */
export async function waitForEnd(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  const endsAt = performance.now() + limitMs;
  while (isRunning(identity)) {
    if (performance.now() >= endsAt) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

/**
 * Stops one process: first politely, and by SIGKILL for its whole process group (the parts are leaders of their own) once
 * `graceMs` milliseconds are over. Does nothing where another process has taken the pid.
 */
export async function stopProcess(
  identity: ProcessIdentity,
  polite: NodeJS.Signals,
  graceMs: number,
): Promise<'stopped' | 'killed'> {
  if (!isRunning(identity)) return 'stopped';
  signal(identity.pid, polite);
  if (await waitForEnd(identity, graceMs)) return 'stopped';
  signal(-identity.pid, 'SIGKILL');
  signal(identity.pid, 'SIGKILL');
  await waitForEnd(identity, 5_000);
  return 'killed';
}
