/** Findings over a company, and over one ten times as large: the time should grow with the rows, and no faster. */

import { findingsOf } from '../../domain/findings/find.ts';
import { sampleCompany } from '../../examples/sample-company.ts';
import { leastSecondsOf, type Section } from './section.ts';

const TODAY = '2026-11-20';
const SMALL = { today: TODAY, seed: 7, accounts: 30, contracts: 90, subcontracts: 300 } as const;
const TIMES_AS_LARGE = 10;

export const findings: Section = {
  name: 'findings',
  what: 'findings over a company and one ten times as large (1 is linear)',
  measure: async () => {
    const small = sampleCompany(SMALL).book;
    const large = sampleCompany({
      ...SMALL,
      accounts: SMALL.accounts * TIMES_AS_LARGE,
      contracts: SMALL.contracts * TIMES_AS_LARGE,
      subcontracts: SMALL.subcontracts * TIMES_AS_LARGE,
    }).book;
    let found = 0;
    // The first round warms up the compiler.
    findingsOf(small, TODAY);
    const smallSeconds = await leastSecondsOf(5, () => findingsOf(small, TODAY));
    const largeSeconds = await leastSecondsOf(2, () => {
      found = findingsOf(large, TODAY).findings.length;
    });
    return {
      ratios: {
        timePerSize: largeSeconds / (TIMES_AS_LARGE * smallSeconds),
      },
      figures: {
        subcontracts: large.subcontracts.length,
        findings: found,
        smallSeconds,
        largeSeconds,
        subcontractsPerSecond: large.subcontracts.length / largeSeconds,
      },
    };
  },
};
