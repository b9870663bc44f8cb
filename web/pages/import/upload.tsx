/** One upload: what its files are read as, what is wrong with their rows, what an import would do; then the import. */
import { Alert, Button, Group, Menu, Stack, Text } from '@mantine/core';
import { IconCheck, IconDownload, IconUpload } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { BookImportReport, BookUpload } from '../../../api/types.ts';
import { apiUrl, part, sendFiles, write } from '../../data/client.ts';
import { useAction, useRead } from '../../data/reading.ts';
import { useMay } from '../../data/session.ts';
import { usePathPart } from '../../parts/address.ts';
import { Go, useGo } from '../../parts/link.tsx';
import { PageHead } from '../../parts/page.tsx';
import { Answer, ProblemPanel } from '../../parts/states.tsx';
import { instantText } from '../../words/dates.ts';
import { Faults } from './faults.tsx';
import { Mapping } from './mapping.tsx';
import { WhatWillHappen } from './summary.tsx';

export function UploadPage() {
  const upload = usePathPart('upload');
  const found = useRead<BookUpload>(`/imports/uploads/${part(upload)}`);
  return <Answer of={found}>{(data) => <Shown key={data.upload} upload={data} />}</Answer>;
}

function Shown({ upload }: { upload: BookUpload }) {
  const may = useMay();
  const [report, setReport] = useState<BookImportReport | null>(null);
  const open = may('import:write') && upload.importId === null && report === null;
  return (
    <>
      <PageHead
        trail={[{ to: '/import', words: 'Import' }]}
        title={upload.source}
        below={`Uploaded ${instantText(upload.uploadedAt)}. Nothing of it is in the record before you import it.`}
        actions={<Actions upload={upload} open={open} />}
      />
      <Stack gap="lg">
        {(report !== null || upload.importId !== null) && <Done report={report} />}
        {upload.leftOut.length > 0 && (
          <Alert color="yellow" title="Files that are no tables">
            {upload.leftOut.join(', ')}
          </Alert>
        )}
        <Mapping key={`mapping-${upload.version}`} upload={upload} open={open} />
        <Faults upload={upload} open={open} />
        {open && <WhatWillHappen upload={upload} done={setReport} />}
      </Stack>
    </>
  );
}

function Done({ report }: { report: BookImportReport | null }) {
  const nothing = report !== null && report.importId === null;
  return (
    <Alert
      color="green"
      icon={<IconCheck size={20} />}
      title={nothing ? 'Everything was there already' : 'The book is imported'}
      role="status"
    >
      {nothing ? (
        'The record says the same as these files: nothing was written.'
      ) : (
        <>
          Contracts begin to be looked after within a minute. See <Go to="/contracts">contracts</Go>
          , <Go to="/accounts">customers</Go>, the <Go to="/bill-runs">next bill run</Go>; or{' '}
          <Go to="/import">undo the import</Go> while nothing has been issued from it.
        </>
      )}
    </Alert>
  );
}

function Actions({ upload, open }: { upload: BookUpload; open: boolean }) {
  const go = useGo();
  const input = useRef<HTMLInputElement>(null);
  const base = `/imports/uploads/${part(upload.upload)}`;
  const add = useAction((files: readonly File[]) => sendFiles<BookUpload>(`${base}/files`, files));
  const remove = useAction(
    () => write('DELETE', base),
    () => go('/import'),
  );
  return (
    <>
      {add.error !== null && <ProblemPanel error={add.error} />}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDownload size={16} />}>
            Corrected file
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component="a" href={apiUrl(`${base}/file?format=xlsx`)} download>
            As one workbook (.xlsx)
          </Menu.Item>
          <Menu.Item component="a" href={apiUrl(`${base}/file?format=zip`)} download>
            As CSV files (.zip)
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open && (
        <Group gap="sm">
          <Button
            variant="default"
            leftSection={<IconUpload size={16} />}
            loading={add.isPending}
            onClick={() => input.current?.click()}
          >
            Add or replace files
          </Button>
          <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate({})}>
            Throw away
          </Button>
          <input
            ref={input}
            type="file"
            hidden
            multiple
            accept=".csv,.tsv,.xlsx,.zip"
            aria-label="Files to add"
            onChange={({ currentTarget: { files } }) => {
              if (files !== null && files.length > 0) add.mutate([...files]);
            }}
          />
        </Group>
      )}
      {remove.error !== null && <Text role="alert">{remove.error.message}</Text>}
    </>
  );
}
