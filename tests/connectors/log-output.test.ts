/** A full disk, really full: what is said, what goes on, what comes back. Needs the right to mount one (root). */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logOutput } from '../../connectors/log-output.ts';
import { diskFull } from '../../db/disk-full.ts';
import { eventually } from '../infrastructure/eventually.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'perennial-full-'));
let mounted = false;

beforeAll(() => {
  const mount = ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', FOLDER];
  mounted = spawnSync('mount', mount).status === 0;
  if (!mounted) process.stderr.write('No small disk can be mounted here: /dev/full stands in\n');
});
afterAll(() => {
  if (mounted) execFileSync('umount', ['--lazy', FOLDER]);
  rmSync(FOLDER, { recursive: true, force: true });
});

const failing = (act: () => void): unknown => {
  try {
    act();
    return null;
  } catch (error) {
    return error;
  }
};

describe('a full disk', () => {
  it('is said in words, whichever disk it is', () => {
    expect(diskFull(failing(() => writeFileSync('/dev/full', 'x')))).toMatch(
      /^The disk is full\. Make/,
    );
    const database = Object.assign(new Error('could not extend file'), { code: '53100' });
    const query = new Error('Failed query: insert …\nparams: secret', { cause: database });
    expect(diskFull(query)).toMatch(/^The database’s disk is full\./);
    expect(diskFull(new Error('could not extend file: No space left on device'))).not.toBeNull();
    expect(diskFull(new Error('something else'))).toBeNull();
    expect(diskFull('ENOSPC')).toBeNull();
  });

  it('ends no process that logs, and lets the log go on once there is room', async () => {
    const file = mounted ? join(FOLDER, 'a.log') : '/dev/full';
    const fd = openSync(file, 'a');
    const output = logOutput(fd);
    const errors: unknown[] = [];
    (output as unknown as NodeJS.EventEmitter).on('error', (error) => errors.push(error));
    const log = pino(output);
    const fill = join(FOLDER, 'fill');
    if (mounted) failing(() => writeFileSync(fill, Buffer.alloc(1_000_000)));
    log.info({ filler: 'x'.repeat(8_192) }, 'not to be written');
    await eventually('the log could not be written', async () => errors.length > 0);
    expect(diskFull(errors[0])).not.toBeNull();
    if (!mounted) return;
    unlinkSync(fill);
    await eventually('the log is written again', async () => {
      log.info('there is room');
      return readFileSync(file, 'utf8').includes('there is room');
    });
    expect(readFileSync(file, 'utf8')).toContain('not to be written');
  });
});
