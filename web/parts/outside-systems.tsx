/** Accounting and CRM on the page of findings: what is compared from where, how old it is; a test; exports as files. */
import { Alert, Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnected, IconUpload } from '@tabler/icons-react';
import type { OutsideReadingView, OutsideSystemView, ReachView } from '../../api/types.ts';
import { sendBytes, write } from '../data/client.ts';
import { useAction } from '../data/reading.ts';
import { useMay } from '../data/session.ts';
import { dayText, spoken } from '../words/dates.ts';
import { counted } from '../words/names.ts';
import { say } from './said.tsx';
import { ProblemPanel } from './states.tsx';

const NAMES = { accounting: 'Accounting', crm: 'CRM' } as const;
/** After that many days somebody should bring another export. */
const OLD_DAYS = 7;

export function OutsideSystems({ systems }: { systems: readonly OutsideSystemView[] }) {
  const may = useMay();
  const bring = useAction(
    (file: File) =>
      sendBytes<{ items: OutsideReadingView[] }>(
        `/imports/outside?fileName=${encodeURIComponent(file.name)}`,
        file,
      ),
    ({ items }) =>
      say(
        items
          .map(({ source, records }) => `${NAMES[source]}: ${counted(records, 'record')} taken`)
          .join('; '),
      ),
  );
  const takesExports = systems.some(({ isRead }) => !isRead);
  return (
    <Stack component="section" className="panel" aria-label="Other systems" gap="sm">
      {systems.map((system) => (
        <System key={system.source} system={system} />
      ))}
      {takesExports && may('import:write') && (
        <Group>
          <FileButton
            accept="application/json,.json"
            onChange={(file) => file !== null && bring.mutate(file)}
          >
            {(props) => (
              <Button
                {...props}
                size="compact-sm"
                variant="default"
                loading={bring.isPending}
                leftSection={<IconUpload size={16} />}
              >
                Bring an export
              </Button>
            )}
          </FileButton>
          <Text className="small dim">a JSON file of what accounting or the CRM holds</Text>
        </Group>
      )}
      {bring.error !== null && <ProblemPanel error={bring.error} />}
    </Stack>
  );
}

function System({ system }: { system: OutsideSystemView }) {
  const may = useMay();
  const { source, failed } = system;
  const test = useAction(
    (_: null, key: string) =>
      write<ReachView>('POST', `/connectors/${source}/test`, undefined, { key }),
    ({ isReached }) => say(isReached ? `${NAMES[source]} answers` : `${NAMES[source]} does not`),
  );
  return (
    <>
      <Group justify="space-between" wrap="wrap">
        <Text>
          <strong>{NAMES[source]}</strong> {standing(system)}
        </Text>
        {system.isRead && may('finding:look') && (
          <Button
            size="compact-sm"
            variant="default"
            loading={test.isPending}
            leftSection={<IconPlugConnected size={16} />}
            onClick={() => test.mutate(null)}
          >
            Test {NAMES[source]}
          </Button>
        )}
      </Group>
      {failed !== null && (
        <Alert color="yellow" icon={<IconAlertTriangle size={18} />} title="It could not be read">
          {spoken(failed.reason)}. Its comparisons are not made until it can.
        </Alert>
      )}
      {test.data !== undefined && <Text className="small">{spoken(test.data.words)}</Text>}
      {test.error !== null && <ProblemPanel error={test.error} />}
    </>
  );
}

function standing({
  system,
  isRead,
  asOf,
  ageDays,
  records,
  fileName,
  isReading,
}: OutsideSystemView) {
  const now = isReading ? '; being read now' : '';
  if (asOf === null) return isRead ? `${system}, not read yet${now}` : 'not connected, no export';
  const age = ageDays === null || ageDays === 0 ? 'today' : `${counted(ageDays, 'day')} old`;
  const old = !isRead && ageDays !== null && ageDays > OLD_DAYS ? ': bring a newer one' : '';
  const from = isRead ? `read from ${system}` : `from ${fileName ?? 'an export'}`;
  return `${from}, as of ${dayText(asOf)} (${age}${old}), ${counted(records, 'record')}${now}`;
}
