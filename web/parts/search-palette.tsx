/** Search everywhere: contracts, customers and invoices by number or name. */
import { Modal, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import type { AccountSummary, ContractSummary, InvoiceSummary, Page } from '../../api/types.ts';
import { withQuery } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { pathOf, useGo } from './link.tsx';

interface Hit {
  readonly to: string;
  readonly words: string;
  readonly below: string;
}

export function SearchPalette({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={close}
      size="lg"
      yOffset="12vh"
      centered={false}
      title="Search everywhere"
    >
      <Palette close={close} />
    </Modal>
  );
}

function Palette({ close }: { close: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [q] = useDebouncedValue(text.trim(), 200);
  const hits = useHits(q);
  const go = useGo();
  const open = (hit: Hit | undefined) => {
    if (hit === undefined) return;
    close();
    go(hit.to);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(hits.length - 1, at + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
    else if (event.key === 'Enter') open(hits[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <TextInput
        data-autofocus
        aria-label="Search everywhere"
        placeholder="A contract, a customer, an invoice: number or name"
        leftSection={<IconSearch size={18} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div style={{ marginTop: 12, minHeight: 120 }}>
        {q === '' && (
          <Text className="dim">Type a few letters; the arrow keys and Enter open.</Text>
        )}
        {q !== '' && hits.length === 0 && <Text className="dim">Nothing is called so.</Text>}
        {hits.map((hit, index) => (
          <a
            key={hit.to}
            className="side-link"
            href={hit.to}
            aria-current={index === at ? 'page' : undefined}
            onClick={(event) => {
              event.preventDefault();
              open(hit);
            }}
          >
            <span>
              {hit.words}
              <span className="sub">{hit.below}</span>
            </span>
          </a>
        ))}
      </div>
    </>
  );
}

function useHits(q: string): Hit[] {
  const given = q !== '';
  const query = { q, limit: '5' };
  const contracts = useRead<Page<ContractSummary>>(withQuery('/contracts', query), given);
  const accounts = useRead<Page<AccountSummary>>(withQuery('/accounts', query), given);
  const invoices = useRead<Page<InvoiceSummary>>(withQuery('/invoices', query), given);
  if (!given) return [];
  return [
    ...(contracts.data?.items ?? []).map((row) => ({
      to: pathOf.contract(row.contract),
      words: row.contract,
      below: `Contract of ${row.account.name}`,
    })),
    ...(accounts.data?.items ?? []).map((row) => ({
      to: pathOf.account(row.account),
      words: row.name,
      below: `Customer ${row.account}`,
    })),
    ...(invoices.data?.items ?? []).map((row) => ({
      to: pathOf.invoice(row.invoice),
      words: row.invoice,
      below: `Invoice to ${row.account.name}`,
    })),
  ];
}
