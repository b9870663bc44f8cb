/** What is known to take long begins first, so that two at a time end together; the rest comes in vitest's own order. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONGEST = [
  'tests/e2e/browser.test.ts',
  'tests/e2e/demo.test.ts',
  'tests/faults/killed-worker.test.ts',
  'tests/faults/full-disk.test.ts',
  'tests/faults/outages.test.ts',
  'tests/stories/billing-years.test.ts',
  'tests/stories/licenses.test.ts',
];

const rankOf = ({ moduleId }: TestSpecification) => {
  const at = LONGEST.findIndex((path) => moduleId.endsWith(path));
  return at < 0 ? LONGEST.length : at;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
