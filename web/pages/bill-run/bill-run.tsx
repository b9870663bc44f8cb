/** The review page of a bill run: can I send this? */
import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { BillRunItem, BillRunReview } from '../../../api/types.ts';
import { part, write } from '../../data/client.ts';
import { isNotFound, useReadAll, useReadBegun } from '../../data/reading.ts';
import { ActionDialog, type Asked } from '../../parts/action-dialog.tsx';
import { useAddress, usePathPart } from '../../parts/address.ts';
import { PageHead } from '../../parts/page.tsx';
import { say } from '../../parts/said.tsx';
import { Answer, RowSkeletons, StateChip } from '../../parts/states.tsx';
import { instantText, weekdayText } from '../../words/dates.ts';
import { counted, RUN_STATES, runTitle } from '../../words/names.ts';
import { Actions, WhatNow } from './decision.tsx';
import { Documents } from './documents.tsx';
import { Exceptions } from './exceptions.tsx';
import { Head } from './head.tsx';
import { useProgress } from './progress.tsx';
import { RunFindings } from './run-findings.tsx';

/** What a reviewer can do with an item, and how it is asked. */
export interface Change {
  readonly items: readonly BillRunItem[];
  readonly to: 'include' | 'exclude' | 'hold';
}

export function BillRunPage() {
  const run = usePathPart('run');
  const begun = useAddress().get('begun') !== undefined;
  const review = useReadBegun<BillRunReview>(`/bill-runs/${part(run)}`, begun);
  if (begun && review.data === undefined && (review.isPending || isNotFound(review.error)))
    return (
      <>
        <PageHead title={runTitle(run)} below="It is being started." />
        <RowSkeletons />
      </>
    );
  return <Answer of={review}>{(data) => <Shown review={data} />}</Answer>;
}

function Shown({ review }: { review: BillRunReview }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const progress = useProgress(review);
  const items = useReadAll<BillRunItem>(
    `/bill-runs/${part(review.run)}/items`,
    review.state !== 'computing',
  );
  const change = (wish: Change) => setAsked(changeForm(review, wish));
  return (
    <>
      <PageHead
        trail={[{ to: '/bill-runs', words: 'Bill runs' }]}
        title={runTitle(review.run)}
        beside={<StateChip state={RUN_STATES[review.state]} />}
        below={
          <>
            Run date {weekdayText(review.runOn)}, computed {instantText(review.startedAt)}
            {review.maker !== null && `, submitted by ${review.maker.name}`}
            {review.checker !== null && `, decided by ${review.checker.name}`}
            {review.clock !== null && `, in the rehearsal ${review.clock}`}
            {review.entities.length > 0 && ` · ${review.entities.join(', ')}`}
          </>
        }
        actions={<Actions review={review} ask={setAsked} />}
      />
      <Stack gap="lg">
        <WhatNow review={review} progress={progress} />
        {review.state !== 'computing' && (
          <>
            <Head review={review} />
            <Exceptions review={review} change={change} />
            <RunFindings findings={review.findings} />
            <Documents review={review} items={items} change={change} />
          </>
        )}
        {review.warnings.length > 0 && (
          <Text className="small dim" component="div">
            {review.warnings.map((warning) => (
              <div key={warning}>{warning}</div>
            ))}
          </Text>
        )}
      </Stack>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

const VERBS = {
  exclude: { title: 'Leave out of this run', button: 'Leave out' },
  hold: { title: 'Hold', button: 'Hold' },
  include: { title: 'Include', button: 'Include' },
} as const;
const CONSEQUENCES = {
  exclude: 'leaves this run. The next run finds it again.',
  hold: 'is held until somebody includes it; runs list it as held.',
  include: 'goes out with this run.',
} as const;

function changeForm(review: BillRunReview, { items, to }: Change): Asked {
  const names = items.map(({ contract, item }) => contract ?? item);
  const what = names.length === 1 ? `${names[0]}` : counted(names.length, 'item');
  return {
    title: `${VERBS[to].title}: ${what}`,
    what: `${what} ${
      names.length === 1
        ? CONSEQUENCES[to]
        : CONSEQUENCES[to]
            .replace(/^is /, 'are ')
            .replace(/^leaves /, 'leave ')
            .replace(/^goes /, 'go ')
    }`,
    fields: [
      {
        name: 'reason',
        label:
          to === 'include' ? 'Why (kept with the run)' : 'Why (a later reader asks this first)',
        kind: 'reason',
        optional: to === 'include',
      },
    ],
    button: VERBS[to].button,
    act: async ({ reason = '' }) => {
      for (const item of items) await decide(review.run, item.item, to, reason.trim());
    },
    done: () =>
      say(
        `${what}: ${to === 'include' ? 'included' : to === 'hold' ? 'held' : 'left out'}`,
        to === 'include' ? undefined : () => void undo(review.run, items),
      ),
  };
}

async function decide(run: string, item: string, to: Change['to'], reason: string): Promise<void> {
  const base = `/bill-runs/${part(run)}/items/${part(item)}`;
  if (to === 'include')
    await write('POST', `${base}/include`, { reason: reason === '' ? null : reason });
  else await write('POST', `${base}/exclude`, { decision: to, reason });
}

async function undo(run: string, items: readonly BillRunItem[]): Promise<void> {
  for (const { item } of items)
    await decide(run, item, 'include', 'Undone by the person who left it out');
  window.dispatchEvent(new Event('perennial:changed'));
  say('Undone');
}
