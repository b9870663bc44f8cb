/** The one discreet link to a process in Temporal's own pages, for those who look after it. */
import type { User } from '../../db/index.ts';
import type { ApiConfiguration } from '../dependencies.ts';

const OPERATORS: ReadonlySet<string> = new Set(['admin', 'biller', 'support']);

export function workflowLink(
  { temporalUiUrl }: ApiConfiguration,
  person: User,
  workflowId: string,
): string | null {
  if (temporalUiUrl === null || !OPERATORS.has(person.role)) return null;
  return `${temporalUiUrl}/namespaces/default/workflows/${encodeURIComponent(workflowId)}`;
}
