/** How far a run is, live by server-sent events; what else is shown is read anew when its state changes. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { BillRunProgress, BillRunReview, BillRunState } from '../../../api/types.ts';
import { apiUrl, part } from '../../data/client.ts';

const FINAL: ReadonlySet<BillRunState> = new Set(['issued', 'refused', 'failed']);

export interface Live {
  readonly progress: BillRunProgress | null;
  readonly connected: boolean;
}

export function useProgress({ run, state }: BillRunReview): Live {
  const client = useQueryClient();
  const [live, setLive] = useState<Live>({ progress: null, connected: true });
  const ended = FINAL.has(state);
  useEffect(() => {
    if (ended) return;
    let last: BillRunState | null = null;
    const source = new EventSource(apiUrl(`/bill-runs/${part(run)}/stream`));
    source.addEventListener('progress', (event) => {
      const progress = JSON.parse((event as MessageEvent<string>).data) as BillRunProgress;
      setLive({ progress, connected: true });
      if (progress.state !== last) {
        last = progress.state;
        void client.invalidateQueries();
      }
      if (FINAL.has(progress.state)) source.close();
    });
    source.addEventListener('error', () => setLive((seen) => ({ ...seen, connected: false })));
    return () => source.close();
  }, [client, run, ended]);
  useEffect(() => {
    const changed = () => void client.invalidateQueries();
    window.addEventListener('perennial:changed', changed);
    return () => window.removeEventListener('perennial:changed', changed);
  }, [client]);
  return live;
}
