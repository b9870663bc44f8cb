/** States of a page that are designed: loading, empty, refused, failed, old. And the small signs of a thing's state. */
import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconCircle,
  IconClock,
  IconLock,
  IconRefresh,
  IconX,
} from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import type { Problem } from '../../api/types.ts';
import { ConnectionError, ProblemError } from '../data/client.ts';
import { ChangedMeanwhile } from '../data/seen.ts';
import { timeText } from '../words/dates.ts';
import type { StateWords, Tone } from '../words/names.ts';

const SIGNS: Readonly<Record<Tone, typeof IconCheck>> = {
  good: IconCheck,
  wait: IconClock,
  warn: IconAlertTriangle,
  bad: IconX,
  plain: IconCircle,
};

export function StateChip({ state: { words, tone } }: { state: StateWords }) {
  const Sign = SIGNS[tone];
  return (
    <span className={`chip tone-${tone}`}>
      <Sign size={13} stroke={2.2} aria-hidden />
      {words}
    </span>
  );
}

const WHO_ACTS: Readonly<Record<Problem['whoActs'], string>> = {
  caller: 'You can correct this yourself.',
  finance: 'A rule of finance says so; talk to the person responsible for it.',
  admin: 'Ask an admin.',
  operator: 'If it stays so, give an operator the reference below.',
  nobody: '',
};

/** What went wrong, in words, and what to do about it. */
export function ProblemPanel({ error, retry }: { error: Error; retry?: () => void }) {
  if (error instanceof ProblemError && error.problem.code === 'not-permitted')
    return (
      <Alert icon={<IconLock size={20} />} color="gray" title="This is not open to your role">
        <Text>
          Ask an admin for a role that may see it. Nothing is wrong with what you did; the rest of
          Perennial stays open to you.
        </Text>
      </Alert>
    );
  const problem = error instanceof ProblemError ? error.problem : null;
  const lost = error instanceof ConnectionError;
  const other =
    error instanceof ChangedMeanwhile ? 'Somebody changed it meanwhile' : 'This page has a fault';
  const title = problem?.title ?? (lost ? 'The connection was lost' : other);
  return (
    <Alert icon={<IconAlertTriangle size={20} />} color="red" title={title} role="alert">
      <Stack gap="xs">
        <Text>{problem?.detail ?? (lost ? SAFE : error.message)}</Text>
        {problem?.errors?.map((one) => (
          <Text key={one.path}>
            {one.path === '' ? '' : `${one.path}: `}
            {one.message}
          </Text>
        ))}
        {problem !== null && WHO_ACTS[problem.whoActs] !== '' && (
          <Text>{WHO_ACTS[problem.whoActs]}</Text>
        )}
        <Group gap="sm">
          {retry !== undefined && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconRefresh size={14} />}
              onClick={retry}
            >
              Try again
            </Button>
          )}
          {problem?.whoActs === 'operator' && problem.requestId !== '' && (
            <Text className="small dim">Reference {problem.requestId.slice(0, 8)}</Text>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}

const SAFE =
  'What was approved or saved before goes on by itself and is safe. An action that was under way can be tried ' +
  'again: it happens once.';

/** Where there is nothing: what would be here, and how it comes. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack gap={4} align="center" py="xl" px="md" ta="center">
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text className="dim" maw={520}>
          {children}
        </Text>
      )}
    </Stack>
  );
}

/** Rows of grey where the rows will be. */
export function RowSkeletons({ rows = 6 }: { rows?: number }) {
  return (
    <Stack gap={14} p="lg" aria-busy aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((key) => (
        <Group key={key} justify="space-between" wrap="nowrap">
          <Skeleton height={14} width="45%" />
          <Skeleton height={14} width="18%" />
        </Group>
      ))}
    </Stack>
  );
}

export function PageSkeleton() {
  return (
    <Stack gap="lg" aria-busy aria-label="Loading">
      <Skeleton height={32} width={280} />
      <div className="figures">
        {['a', 'b', 'c', 'd'].map((key) => (
          <Skeleton key={key} height={88} radius="lg" />
        ))}
      </div>
      <Skeleton height={320} radius="lg" />
    </Stack>
  );
}

const OLD_MS = 5 * 60_000;

/** What a query answered, or its loading, its fault, and a word when it has grown old. */
export function Answer<T>({
  of,
  loading,
  children,
}: {
  of: UseQueryResult<T>;
  loading?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (of.data === undefined)
    return of.error === null ? (
      (loading ?? <PageSkeleton />)
    ) : (
      <ProblemPanel error={of.error} retry={() => void of.refetch()} />
    );
  return (
    <>
      <OldNotice at={of.dataUpdatedAt} failed={of.error !== null} again={() => void of.refetch()} />
      {children(of.data)}
    </>
  );
}

function OldNotice({ at, failed, again }: { at: number; failed: boolean; again: () => void }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  if (!failed && now - at < OLD_MS) return null;
  return (
    <Alert color="gray" mb="md" p="xs" className="no-print" role="status">
      <Group gap="sm">
        <Text>
          These figures are from {timeText(at)}
          {failed ? '; newer ones could not be had just now' : ''}.
        </Text>
        <Button size="compact-sm" variant="default" onClick={again}>
          Refresh
        </Button>
      </Group>
    </Alert>
  );
}
