/** Why an amount is what it is: the rule, its inputs, the arithmetic, and the parts it is a difference of. */
import { Text } from '@mantine/core';
import type { Explanation } from '../../api/types.ts';
import { spoken } from '../words/dates.ts';
import { inWords } from '../words/names.ts';

const spaced = (name: string) => inWords(name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase());

export function Why({ explanation }: { explanation: Explanation }) {
  const inputs = Object.entries(explanation.inputs);
  return (
    <div className="why">
      <Text>{spoken(explanation.words)}</Text>
      <code className="tabular">{explanation.arithmetic}</code>
      {inputs.length > 0 && (
        <dl className="facts" style={{ marginTop: 8 }}>
          {inputs.map(([name, value]) => (
            <div key={name}>
              <dt>{spaced(name)}</dt>
              <dd className="tabular">{spoken(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      <Text className="small dim" mt={4}>
        Rule: {explanation.rule}
      </Text>
      {explanation.parts?.map((part) => (
        <Why key={`${part.rule} ${part.arithmetic} ${part.words}`} explanation={part} />
      ))}
    </div>
  );
}

/** Closed until asked for. */
export function WhyThisAmount({ explanation }: { explanation: Explanation | null }) {
  if (explanation === null) return null;
  return (
    <details>
      <summary className="small" style={{ cursor: 'pointer', color: 'var(--wait)' }}>
        Why this amount
      </summary>
      <Why explanation={explanation} />
    </details>
  );
}
