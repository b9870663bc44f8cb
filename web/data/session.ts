/** Who is signed in, and what they may do. */
import { createContext, useContext } from 'react';
import type { Session } from '../../api/types.ts';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('this part of the page is shown to people signed in');
  return session;
}

export function useMay(): (action: string) => boolean {
  const { actions } = useSession();
  return (action) => actions.includes(action);
}
