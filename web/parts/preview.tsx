/** What a deed would change, before and after, as the server computes it while its form is filled in. */
import { Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { PreviewChange } from '../../api/types.ts';
import { newKey, write } from '../data/client.ts';
import { spoken } from '../words/dates.ts';
import { sentence } from '../words/names.ts';
import { ProblemPanel, RowSkeletons } from './states.tsx';

interface Previewed {
  readonly words: string;
  readonly changes?: readonly PreviewChange[];
}

const TYPING_MS = 350;

interface PreviewProps<P extends Previewed> {
  /** `PATH/preview` answers it. */
  readonly path: string;
  readonly body: object;
  /** Where whoever acts finds what is shown; null while it is not yet what was asked. */
  readonly shown: RefObject<P | null>;
  /** What is shown below the words besides changes. */
  readonly below?: (preview: P) => ReactNode;
}

export function Preview<P extends Previewed>({ path, body, shown, below }: PreviewProps<P>) {
  const content = JSON.stringify(body);
  const [asked] = useDebouncedValue(content, TYPING_MS);
  const [key] = useState(newKey);
  const settled = asked === content;
  const preview = useQuery({
    queryKey: ['preview', path, asked, key],
    queryFn: () => write<P>('POST', `${path}/preview`, JSON.parse(asked) as unknown),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const current = settled && !preview.isPlaceholderData ? (preview.data ?? null) : null;
  const holder = useRef(shown);
  useEffect(() => {
    holder.current.current = current;
  }, [current]);
  if (preview.error !== null) return <ProblemPanel error={preview.error} />;
  if (preview.data === undefined) return <RowSkeletons rows={3} />;
  return (
    <Stack gap="sm" style={{ opacity: current === null ? 0.6 : 1 }} aria-busy={current === null}>
      <Text>{spoken(preview.data.words)}</Text>
      {preview.data.changes !== undefined && <Changes changes={preview.data.changes} />}
      {below?.(preview.data)}
    </Stack>
  );
}

function Changes({ changes }: { readonly changes: readonly PreviewChange[] }) {
  return (
    <table className="changes" aria-label="What would change">
      <thead>
        <tr>
          <th scope="col" className="change-cell small dim">
            &nbsp;
          </th>
          <th scope="col" className="change-cell small dim">
            Now
          </th>
          <th scope="col" className="change-cell small dim">
            Then
          </th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ name, before, after }) => (
          <tr key={name}>
            <th scope="row" className="change-cell small dim">
              {spoken(sentence(name))}
            </th>
            <td className="change-cell">{spoken(before)}</td>
            <td className="change-cell">{spoken(after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
