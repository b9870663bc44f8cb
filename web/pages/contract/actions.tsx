/** What can be done with a contract: each says what it does, and asks for a reason. */
import type { ContractPage } from '../../../api/types.ts';
import { part, write } from '../../data/client.ts';
import type { Asked, Field } from '../../parts/action-dialog.tsx';
import { say } from '../../parts/said.tsx';
import { dayText } from '../../words/dates.ts';

const reason: Field = { name: 'reason', label: 'Why', kind: 'reason' };

type Verb = ContractPage['may'][number];

export const VERBS: Readonly<Record<Verb, string>> = {
  amend: 'Amend',
  hold: 'Hold',
  release: 'Release',
  terminate: 'Terminate',
  reinstate: 'Reinstate',
  grace: 'Grant grace',
  'decide-renewal': 'Enter the renewal answer',
  resolve: 'Settle what needs attention',
};

export function formOf(verb: Verb, contract: ContractPage): Asked {
  const base = `/contracts/${part(contract.contract)}`;
  const name = contract.contract;
  const onADay = (initial: string): Field => ({ name: 'on', label: 'On', kind: 'date', initial });
  const plain = (path: string) => (values: Readonly<Record<string, string>>, key: string) =>
    write('POST', `${base}/${path}`, values, { key });
  switch (verb) {
    case 'hold':
      return {
        title: `Hold ${name}`,
        what: 'It is not billed until somebody releases it. Reminders for what is open go on; licenses stay as they are.',
        fields: [reason],
        button: 'Hold',
        act: plain('hold'),
        done: () => say(`${name} is on hold`),
      };
    case 'release':
      return {
        title: `Release ${name}`,
        what: 'It is billed again: the next run finds what was due in the meantime.',
        fields: [reason],
        button: 'Release',
        act: plain('release'),
        done: () => say(`${name} is released`),
      };
    case 'terminate':
      return {
        title: `Terminate ${name}`,
        what: ({ on }) =>
          `It ends after ${on ? dayText(on) : 'that day'}, which is the last day covered. What was paid beyond is credited where the contract allows it.`,
        fields: [onADay(contract.end), reason],
        button: 'Terminate',
        danger: true,
        act: plain('terminate'),
        done: () => say(`${name} is terminated`),
      };
    case 'reinstate':
      return {
        title: `Reinstate ${name}`,
        what: 'It lives again; the time since its end is charged back where the policy says so.',
        fields: [onADay(contract.today), reason],
        button: 'Reinstate',
        act: plain('reinstate'),
        done: () => say(`${name} is reinstated`),
      };
    case 'grace':
      return graceForm(contract);
    case 'decide-renewal':
      return renewalForm(contract);
    case 'resolve':
      return {
        title: `Settle ${name}`,
        what: contract.needsAttention ?? 'A step could not go on.',
        fields: [
          {
            name: 'how',
            label: 'What to do',
            kind: 'choice',
            initial: 'retry',
            choices: [
              { value: 'retry', label: 'It is corrected: try again' },
              { value: 'skip', label: 'Skip this step' },
            ],
          },
          reason,
        ],
        button: 'Settle',
        act: plain('resolve'),
        done: () => say(`${name} goes on`),
      };
    default:
      return amendForm(contract);
  }
}

const ALL_UNPAID = 'all that is unpaid';

/** Beyond what the rules give by themselves; how far is a policy, and what is past it is refused in words. */
function graceForm(contract: ContractPage): Asked {
  const { subcontracts } = contract;
  return {
    title: `Grace for ${contract.contract}`,
    what: ({ through }) =>
      `Temporary licenses run on unpaid through ${through ? dayText(through) : 'that day'}, and the customer gets them by mail. It is on the timeline, in the CRM and in their own record.`,
    fields: [
      {
        name: 'subcontract',
        label: 'For',
        kind: 'choice',
        initial: ALL_UNPAID,
        choices: [
          { value: ALL_UNPAID, label: 'all that is unpaid' },
          ...subcontracts.map(({ subcontract, product }) => ({
            value: subcontract,
            label: `${subcontract}, ${product}`,
          })),
        ],
      },
      { name: 'through', label: 'Through', kind: 'date', initial: contract.today },
      reason,
    ],
    button: 'Grant grace',
    act: ({ subcontract, through, reason: why }, key) =>
      write(
        'POST',
        `/contracts/${part(contract.contract)}/grace`,
        { subcontract: subcontract === ALL_UNPAID ? null : subcontract, through, reason: why },
        { key },
      ),
    done: () => say('Grace is granted; the new keys go out by mail'),
  };
}

function renewalForm(contract: ContractPage): Asked {
  const open = contract.renewals.find(({ state }) => state === 'drawn_up' || state === 'sent');
  return {
    title: `Renewal of ${contract.contract}`,
    what: ({ decision }) =>
      decision === 'decline'
        ? 'The contract ends at the end of its term; access ends with the grace.'
        : 'The next term begins without a hole and is billed by the next run.',
    fields: [
      {
        name: 'decision',
        label: 'The customer',
        kind: 'choice',
        initial: 'accept',
        choices: [
          { value: 'accept', label: 'accepts' },
          { value: 'decline', label: 'declines' },
        ],
      },
      { name: 'on', label: 'Answered on', kind: 'date', initial: contract.today },
      { ...reason, label: 'How the answer came (optional)', optional: true },
    ],
    button: 'Enter the answer',
    act: (values, key) =>
      write(
        'POST',
        `/contracts/${part(contract.contract)}/renewal-decision`,
        {
          renewal: open?.renewal,
          decision: values.decision,
          on: values.on,
          reason: values.reason?.trim() === '' ? null : values.reason,
        },
        { key },
      ),
    done: () => say('The answer is entered'),
  };
}

const KINDS = [
  { value: 'quantity', label: 'New quantity' },
  { value: 'add', label: 'More of it' },
  { value: 'price', label: 'New unit price' },
  { value: 'discount', label: 'New discount, percent' },
  { value: 'remove', label: 'Remove it' },
  { value: 'pause', label: 'Pause it' },
  { value: 'resume', label: 'Resume it' },
  { value: 'move', label: 'Move it to another contract' },
] as const;
const WITHOUT_VALUE: ReadonlySet<string> = new Set(['remove', 'pause', 'resume']);

function amendForm(contract: ContractPage): Asked {
  return {
    title: `Amend ${contract.contract}`,
    what: 'The change holds from its day on. The next run bills or credits the difference, and says why on the line.',
    fields: [
      {
        name: 'subcontract',
        label: 'Subcontract',
        kind: 'choice',
        choices: contract.subcontracts.map(({ subcontract, product }) => ({
          value: subcontract,
          label: `${subcontract}, ${product}`,
        })),
        initial: contract.subcontracts[0]?.subcontract ?? '',
      },
      { name: 'kind', label: 'Change', kind: 'choice', choices: KINDS, initial: 'quantity' },
      {
        name: 'value',
        label: 'To',
        kind: 'text',
        when: ({ kind }) => !WITHOUT_VALUE.has(kind ?? ''),
        check: (value, { kind }) =>
          kind === 'move' || /^\d{1,15}(\.\d{1,6})?$/.test(value)
            ? null
            : 'A number with a point, at most 6 decimals',
      },
      { name: 'effective', label: 'From', kind: 'date', initial: contract.today },
      {
        name: 'reason',
        label: 'It is',
        kind: 'choice',
        initial: 'change',
        choices: [
          { value: 'change', label: 'an agreed change' },
          { value: 'correction', label: 'a correction of a mistake' },
        ],
      },
    ],
    button: 'Amend',
    act: (values, key) =>
      write(
        'POST',
        `/contracts/${part(contract.contract)}/amendments`,
        {
          subcontract: values.subcontract,
          kind: values.kind,
          value: WITHOUT_VALUE.has(values.kind ?? '') ? null : values.value,
          effective: values.effective,
          reason: values.reason,
        },
        { key },
      ),
    done: () => say('The amendment is agreed'),
  };
}
