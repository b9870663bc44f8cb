/** Budgets: how large the workflows' bundle is, and how much memory a contract takes that waits in a worker's cache. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workflowBundlePath } from '../../worker/bundle.ts';
import { createPlant } from '../faults/plant.ts';
import { residentMb, type Section } from './section.ts';

const MOST_BUNDLE_MB = 2;
const MOST_WORKFLOW_MB = 0.6;
const FEW = 20;
const MANY = 320;
const AT_A_TIME = 16;

async function bundleMb(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
  try {
    const code = await readFile(await workflowBundlePath(folder), 'utf8');
    return code.replace(/^\/\/# sourceMappingURL=.*$/m, '').length / 1_000_000;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A worker's memory once it holds so many contracts in its cache, each asked how it stands. */
async function workerMb(contracts: number): Promise<number> {
  const plant = await createPlant({ contracts });
  try {
    const worker = await plant.startWorker();
    for (let at = 0; at < plant.contracts.length; at += AT_A_TIME)
      await Promise.all(plant.contracts.slice(at, at + AT_A_TIME).map(plant.needsAttention));
    const megabytes = await residentMb(worker.pid as number);
    if (megabytes === null) throw new Error('this system does not tell a process’s memory');
    return megabytes;
  } finally {
    await plant.end();
  }
}

export const workflowMemory: Section = {
  name: 'workflow-memory',
  what: 'the bundle’s size, and the memory of a contract in a worker’s cache',
  measure: async () => {
    const bundle = await bundleMb();
    const few = await workerMb(FEW);
    const many = await workerMb(MANY);
    const each = (many - few) / (MANY - FEW);
    return {
      ratios: {
        bundlePerBudget: bundle / MOST_BUNDLE_MB,
        workflowPerBudget: each / MOST_WORKFLOW_MB,
      },
      figures: {
        bundleMb: bundle,
        workflowMb: each,
        [`worker${FEW}Mb`]: few,
        [`worker${MANY}Mb`]: many,
      },
      broken: [
        ...(bundle <= MOST_BUNDLE_MB ? [] : [`the bundle is larger than ${MOST_BUNDLE_MB} MB`]),
        ...(each <= MOST_WORKFLOW_MB ? [] : [`a workflow takes more than ${MOST_WORKFLOW_MB} MB`]),
      ],
    };
  },
};
