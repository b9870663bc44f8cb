/** What was, is, and is planned, in words, with dates. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { TimelineEntry } from '../../../api/types.ts';
import { Go, pathOf } from '../../parts/link.tsx';
import { relativeText, spoken, weekdayText } from '../../words/dates.ts';

const PAST_AT_FIRST = 6;

export function Timeline({ entries, today }: { entries: readonly TimelineEntry[]; today: string }) {
  const [all, setAll] = useState(false);
  const past = entries.filter(({ tense }) => tense === 'past');
  const rest = entries.filter(({ tense }) => tense !== 'past');
  const shown = [...(all ? past : past.slice(-PAST_AT_FIRST)), ...rest];
  const left = past.length - PAST_AT_FIRST;
  return (
    <>
      {!all && left > 0 && (
        <Button size="compact-sm" variant="subtle" mb="xs" onClick={() => setAll(true)}>
          Show {left} earlier
        </Button>
      )}
      <ol className="timeline">
        {shown.map((entry) => (
          <Entry key={`${entry.on} ${entry.kind} ${entry.words}`} entry={entry} today={today} />
        ))}
      </ol>
    </>
  );
}

const TENSES = { past: '', now: 'Now, ', planned: 'Planned, ' } as const;

function Entry({ entry, today }: { entry: TimelineEntry; today: string }) {
  const { invoice, payment } = entry.references;
  return (
    <li className={entry.tense}>
      {spoken(entry.words)}
      {invoice !== undefined && !entry.words.includes(invoice) && (
        <>
          {' '}
          <Go to={pathOf.invoice(invoice)}>{invoice}</Go>
        </>
      )}
      {invoice !== undefined && entry.words.includes(invoice) && (
        <>
          {' · '}
          <Go to={pathOf.invoice(invoice)} label={`Open ${invoice}`}>
            Open
          </Go>
        </>
      )}
      {payment !== undefined && (
        <>
          {' · '}
          <Go to={pathOf.payment(payment)}>Payment</Go>
        </>
      )}
      <span className="sub" style={{ fontWeight: 400 }}>
        {TENSES[entry.tense]}
        {weekdayText(entry.on)}
        {entry.tense === 'planned' && `, ${relativeText(entry.on, today)}`}
      </span>
    </li>
  );
}
