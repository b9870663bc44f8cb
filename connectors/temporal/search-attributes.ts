/** Registers the search attributes that workflows set, where they are missing; those that are there stay. */
import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../workflows/messages.ts';

/** temporal.api.enums.v1.IndexedValueType */
const VALUE_TYPES = { Keyword: 2, Int: 3, Double: 4, Bool: 5, Datetime: 6 } as const;

type Operator = Pick<Connection, 'operatorService'>;
type Name = keyof typeof SEARCH_ATTRIBUTES;
const NAMES = Object.keys(SEARCH_ATTRIBUTES) as Name[];

/** Adds them all, or those named; a server without a list of them (the time-skipping one) is told like this. */
export async function addSearchAttributes(
  { operatorService }: Operator,
  namespace: string,
  names: readonly Name[] = NAMES,
): Promise<void> {
  const searchAttributes = Object.fromEntries(
    names.map((name) => [name, VALUE_TYPES[SEARCH_ATTRIBUTES[name]]]),
  );
  await operatorService.addSearchAttributes({ namespace, searchAttributes });
}

export async function registerSearchAttributes(
  operator: Operator,
  namespace: string,
): Promise<void> {
  const { customAttributes } = await operator.operatorService.listSearchAttributes({ namespace });
  const missing = NAMES.filter((name) => customAttributes?.[name] === undefined);
  if (missing.length > 0) await addSearchAttributes(operator, namespace, missing);
}
