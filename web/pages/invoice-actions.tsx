/** What can be done with an invoice. */
import type { Approval, InvoicePage } from '../../api/types.ts';
import { part, write } from '../data/client.ts';
import type { Asked, Field } from '../parts/action-dialog.tsx';
import { say } from '../parts/said.tsx';
import { dayText } from '../words/dates.ts';
import { moneyText } from '../words/money.ts';

type Verb = InvoicePage['may'][number];

export const VERBS: Readonly<Record<Verb, string>> = {
  promise: 'Note a promise',
  dispute: 'Note a dispute',
  resend: 'Send again',
  credit: 'Credit',
  void: 'Void',
};

const reason: Field = { name: 'reason', label: 'Why', kind: 'reason' };

export function formOf(verb: Verb, invoice: InvoicePage): Asked {
  const base = `/invoices/${part(invoice.invoice)}`;
  const name = invoice.invoice;
  switch (verb) {
    case 'promise':
      return {
        title: `Promise to pay ${name}`,
        what: ({ until }) =>
          `No reminder goes out ${until ? `before ${dayText(until)}` : 'before that day'}. When it passes unpaid, reminders go on where they stood.`,
        fields: [
          { name: 'until', label: 'Promised until', kind: 'date' },
          { ...reason, label: 'Who promised, and how' },
        ],
        button: 'Note the promise',
        act: (values, key) => write('POST', `${base}/promise`, values, { key }),
        done: () => say('The promise is noted'),
      };
    case 'dispute':
      return {
        title: invoice.disputed ? `End the dispute of ${name}` : `Dispute of ${name}`,
        what: invoice.disputed
          ? 'Reminders go on where they stood.'
          : `Reminders stop for ${moneyText(invoice.balance)} until the dispute is ended.`,
        fields: [
          { ...reason, label: invoice.disputed ? 'How it was settled' : 'What is disputed' },
        ],
        button: invoice.disputed ? 'End it' : 'Note the dispute',
        act: (values, key) =>
          write(
            'POST',
            `${base}/dispute`,
            { disputed: !invoice.disputed, reason: values.reason },
            { key },
          ),
        done: () => say(invoice.disputed ? 'The dispute is ended' : 'The dispute is noted'),
      };
    case 'resend':
      return {
        title: `Send ${name} again`,
        what: 'The same mail with the same paper goes out once more.',
        fields: [
          {
            name: 'to',
            label: 'To (empty: the usual addresses)',
            kind: 'email',
            optional: true,
          },
        ],
        button: 'Send',
        act: ({ to = '' }, key) =>
          write('POST', `${base}/resend`, { to: to.trim() === '' ? null : to.trim() }, { key }),
        done: () => say(`${name} is sent again`),
      };
    case 'void':
      return {
        title: `Void ${name}`,
        what: 'It was not sent yet. It keeps its number and counts for nothing; the next run bills anew.',
        fields: [reason],
        button: 'Void',
        danger: true,
        act: (values, key) => write('POST', `${base}/void`, values, { key }),
        done: () => say(`${name} is void`),
      };
    default:
      return {
        title: `Credit ${name}`,
        what: `Asks a second person to approve a credit note for all that is left of ${moneyText(invoice.total)}.`,
        fields: [reason],
        button: 'Ask for approval',
        act: (values, key) => write<Approval>('POST', `${base}/credit`, values, { key }),
        done: (answer) =>
          say(
            (answer as Approval).state === 'waiting'
              ? 'A second person is asked to approve the credit'
              : `${name} is credited`,
          ),
      };
  }
}
