/** What was read in a remittance advice. */
import { Text } from '@mantine/core';
import type { RemittanceView } from '../../../api/types.ts';
import { apiUrl, part } from '../../data/client.ts';
import { Go, pathOf } from '../../parts/link.tsx';
import { moneyText } from '../../words/money.ts';

const READ_BY: Readonly<Record<RemittanceView['readBy'], string>> = {
  text: 'Text',
  mail: 'A mail',
  pdf: 'A PDF',
  ocr: 'A scan, read by machine: compare it',
  '': 'Not read',
};

/** What to say when one was brought: a scan takes a while. */
export const saidOfReading = ({ state }: RemittanceView['reading']): string =>
  state === 'read'
    ? 'The remittance advice is read'
    : 'It is being read; what it says appears here by itself';

export function PaperRead({ paper }: { paper: RemittanceView }) {
  const { payer, total, lines, readBy, reading } = paper;
  if (reading.state !== 'read')
    return (
      <Text className="small dim" role="status">
        {reading.words}
      </Text>
    );
  return (
    <div className="small">
      <Text className="small dim">
        {READ_BY[readBy]}
        {payer === null ? '' : `, from ${payer}`}
        {total === null ? '' : `, ${moneyText(total)}`}.{' '}
        <a href={apiUrl(`/payments/papers/${part(paper.paper)}/file`)}>The file</a>
      </Text>
      {lines.length === 0 && <Text className="small">It names no invoice that is open.</Text>}
      {lines.map(({ invoice, amount }) => (
        <Text key={invoice} className="small tabular">
          <Go to={pathOf.invoice(invoice)}>{invoice}</Go>{' '}
          {amount === null ? <span className="dim">no amount of its own</span> : moneyText(amount)}
        </Text>
      ))}
    </div>
  );
}
