/** All contracts, where each stands and what comes next. */
import type { ContractPage, ContractSummary } from '../../api/types.ts';
import { part } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { CONTRACT_COLUMNS } from '../parts/columns.tsx';
import { Go, pathOf } from '../parts/link.tsx';
import { ServerList } from '../parts/list-page.tsx';
import { PageHead } from '../parts/page.tsx';
import { Answer, RowSkeletons } from '../parts/states.tsx';
import { CONTRACT_STATES, choicesOf } from '../words/names.ts';
import { Timeline } from './contract/timeline.tsx';

export function ContractsPage() {
  return (
    <>
      <PageHead
        title="Contracts"
        below="Each is looked after from its start to its last renewal."
      />
      <ServerList
        noun="contracts"
        path="/contracts"
        columns={CONTRACT_COLUMNS}
        rowKey={(row) => row.contract}
        filters={[
          {
            name: 'status',
            label: 'State',
            choices: choicesOf(CONTRACT_STATES),
          },
          {
            name: 'attention',
            label: 'Needs a person',
            choices: [{ value: 'true', label: 'Needs a person' }],
          },
        ]}
        sheet={(row) => <Glance row={row} />}
        sheetTitle={(row) => row.contract}
        empty={{
          title: 'No contracts yet',
          words: 'They come with the contract book: perennial book import, or the sample company.',
        }}
      />
    </>
  );
}

function Glance({ row }: { row: ContractSummary }) {
  const page = useRead<ContractPage>(`/contracts/${part(row.contract)}`);
  return (
    <>
      <p>
        {row.account.name} · <Go to={pathOf.contract(row.contract)}>Open the whole page</Go>
      </p>
      <Answer of={page} loading={<RowSkeletons />}>
        {(data) => <Timeline entries={data.timeline} today={data.today} />}
      </Answer>
    </>
  );
}
