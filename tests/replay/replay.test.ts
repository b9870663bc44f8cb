/**
 * Saved histories against today's workflow code: a change that would break a running contract fails here. Each is named by
 * what it guards. Made anew by `SAVE_HISTORIES=1 npx vitest run --project stories`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';

const FOLDER = new URL('histories/', import.meta.url);
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

Runtime.install({ logger: new DefaultLogger('ERROR') });

async function bundled(path: string): Promise<WorkflowBundle> {
  const workflowsPath = fileURLToPath(new URL(path, import.meta.url));
  return bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
}

async function replay(name: string, workflowBundle: WorkflowBundle): Promise<void> {
  const text = readFileSync(new URL(name, FOLDER), 'utf8');
  const history = historyFromJSON(JSON.parse(text));
  await Worker.runReplayHistory({ workflowBundle }, history);
}

describe('saved histories', () => {
  let today: WorkflowBundle;
  let incompatible: WorkflowBundle;
  beforeAll(async () => {
    today = await bundled('../../workflows/index.ts');
    incompatible = await bundled('incompatible/index.ts');
    // Two bundles take seconds, and a minute where the machine has much else to do.
  });

  it('there are some', () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(9);
  });
  it.each(NAMES)('%s replays', async (name) => {
    await replay(name, today);
  });
  it.each(NAMES)('%s does not replay on code that does something else first', async (name) => {
    await expect(replay(name, incompatible)).rejects.toThrow(/[Nn]ondeterminism/);
  });
  it('the bundle stays small', () => {
    const code = 'code' in today ? today.code : '';
    const withoutMap = code.replace(/^\/\/# sourceMappingURL=.*$/m, '');
    expect(withoutMap.length).toBeGreaterThan(100_000);
    expect(withoutMap.length).toBeLessThan(2_000_000);
  });
});
