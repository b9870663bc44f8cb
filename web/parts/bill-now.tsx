/** Billing a contract, or a customer's own service time, between the months' runs: shown with its reasons before it is begun. */
import { Text } from '@mantine/core';
import type { RefObject } from 'react';
import type { Accepted, AccountPage, ContractPage, OffCyclePreview } from '../../api/types.ts';
import { write } from '../data/client.ts';
import { spoken } from '../words/dates.ts';
import { amountText, moneyText } from '../words/money.ts';
import type { Asked, Field, Values } from './action-dialog.tsx';
import { WhyThisAmount } from './explanation.tsx';
import { Preview } from './preview.tsx';

const PATH = '/bill-runs/off-cycle';
const SERVICE = 'service time without a contract';

/** Where the run that was begun is shown. */
type Go = (to: string) => void;

const underContract = ({ contract }: Values) => contract !== SERVICE;
const withItem = (values: Values) => underContract(values) && (values.sku ?? '').trim() !== '';
const decimal = (value: string) =>
  /^\d{1,15}(\.\d{1,6})?$/.test(value) ? null : 'A number with a point, at most 6 decimals';

const ITEM: readonly Field[] = [
  {
    name: 'sku',
    label: 'With a one-off product (optional)',
    kind: 'text',
    optional: true,
    hint: 'The SKU of goods, a license or a fee that is agreed under the contract today',
    when: underContract,
  },
  {
    name: 'quantity',
    label: 'Quantity',
    kind: 'text',
    initial: '1',
    when: withItem,
    check: decimal,
  },
  {
    name: 'unitPrice',
    label: 'Unit price',
    kind: 'text',
    optional: true,
    hint: 'Empty: the price list’s',
    when: withItem,
    check: decimal,
  },
];
const reason: Field = { name: 'reason', label: 'Why now', kind: 'reason' };

/** What is asked of the server for what the form holds. */
function bodyOf(values: Values, account: string) {
  const { contract, sku = '', quantity = '1', unitPrice = '' } = values;
  const price = unitPrice.trim() === '' ? null : unitPrice.trim();
  const item = { sku: sku.trim(), quantity: quantity.trim() || '1', unitPrice: price };
  return contract === SERVICE ? { account } : { contract, items: sku.trim() === '' ? [] : [item] };
}

function asking(
  { title, account, contract }: { title: string; account: string; contract: Field | string },
  go: Go,
): Asked {
  const shown: RefObject<OffCyclePreview | null> = { current: null };
  const of = (values: Values) =>
    bodyOf(typeof contract === 'string' ? { ...values, contract } : values, account);
  return {
    title,
    what: (values) => <Preview path={PATH} body={of(values)} shown={shown} below={documents} />,
    fields: [...(typeof contract === 'string' ? [] : [contract]), ...ITEM, reason],
    button: 'Begin the run',
    act: (values, key) => {
      if (shown.current === null) throw new Error('Wait until it is shown what would be billed.');
      const { shownHash } = shown.current;
      const body = { ...of(values), reason: values.reason, shownHash };
      return write<Accepted>('POST', PATH, body, { key });
    },
    done: (answer) => go(`/bill-runs/${(answer as Accepted).look.split('/').at(-1)}?begun=1`),
  };
}

/** On the contract's page. */
export const billNow = ({ contract, account }: ContractPage, go: Go): Asked =>
  asking({ title: `Bill ${contract} now`, account: account.account, contract }, go);

/** On the customer's page: of one of its contracts, or its own service time. */
export function billAccountNow({ account, name, contracts }: AccountPage, go: Go): Asked {
  const choices = [
    ...contracts.map(({ contract }) => ({ value: contract, label: contract })),
    { value: SERVICE, label: SERVICE },
  ];
  const contract: Field = {
    name: 'contract',
    label: 'Contract',
    kind: 'choice',
    choices,
    initial: choices[0]?.value ?? SERVICE,
  };
  return asking({ title: `Bill ${name} (${account}) now`, account, contract }, go);
}

/** The lines that would go out, each with its reason. */
function documents({ documents: found, setAside, held }: OffCyclePreview) {
  return (
    <>
      {found.map((document) => (
        <div key={`${document.kind} ${document.total.currency} ${document.total.amount}`}>
          <Text fw={600}>
            {document.kind === 'credit_note' ? 'Credit note' : 'Invoice'} for{' '}
            {moneyText(document.total)}, {moneyText(document.tax)} of it tax, due{' '}
            {spoken(document.dueDate)}
          </Text>
          {document.lines.map((line) => (
            <div key={`${line.subcontract} ${line.periodStart} ${line.description} ${line.net}`}>
              <Text>
                {spoken(line.description)}:{' '}
                {amountText({ amount: line.net, currency: document.net.currency })}
              </Text>
              <WhyThisAmount explanation={line.explanation} />
            </div>
          ))}
        </div>
      ))}
      {held.map((find) => (
        <Text key={`${find.subcontract} ${find.periodStart}`} className="small dim">
          Waits for a decision: {find.subcontract}, {spoken(find.reason)}
        </Text>
      ))}
      {setAside.map(({ contract, reason: why }) => (
        <Text key={`${contract} ${why}`} className="small dim">
          Set aside: {spoken(why)}
        </Text>
      ))}
    </>
  );
}
