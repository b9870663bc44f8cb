/** What Temporal charges and keeps for one contract and year in which everybody is on time. */
import { createTimeSkipping, tearDown } from '../infrastructure/engines.ts';
import { billableActions } from '../stories/billable-actions.ts';
import { beginTerm, liveOnTimeYear } from '../stories/telling.ts';
import type { Section } from './section.ts';

const MOST_ACTIONS = 24;

export const actions: Section = {
  name: 'actions',
  what: 'billable actions and history events of one on-time contract year',
  measure: async () => {
    const time = await createTimeSkipping();
    if ('missing' in time)
      return {
        ratios: {},
        figures: {},
        broken: [`the time-skipping server needs ${time.missing}`],
      };
    const { world, year } = await beginTerm(time.environment, 3);
    try {
      const told = Object.entries(await liveOnTimeYear(world, year));
      const figures: Record<string, number> = {};
      let total = 0;
      let events = 0;
      for (const [name, { workflowId, runId }] of told) {
        const history = await world.client.workflow.getHandle(workflowId, runId).fetchHistory();
        const counted = billableActions(history).total;
        figures[`${name}Actions`] = counted;
        figures[`${name}Events`] = history.events?.length ?? 0;
        total += counted;
        events += history.events?.length ?? 0;
      }
      return {
        ratios: { actionsPerContractYear: total, eventsPerContractYear: events },
        figures,
        broken: total <= MOST_ACTIONS ? [] : [`more than ${MOST_ACTIONS} billable actions`],
      };
    } finally {
      await world.end();
      await tearDown(time);
    }
  },
};
