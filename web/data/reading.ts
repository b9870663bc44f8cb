/** Reading and acting from components: one query a path, one key an action until it has succeeded. */
import {
  keepPreviousData,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useRef } from 'react';
import type { Page } from '../../api/types.ts';
import { newKey, ProblemError, read, readAll, withQuery } from './client.ts';

export function useRead<T>(path: string, enabled = true): UseQueryResult<T> {
  return useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => read<T>(path, signal),
    enabled,
  });
}

const LOOK_AGAIN_MS = 1_000;

export const isNotFound = (error: unknown): boolean =>
  error instanceof ProblemError && error.problem.code === 'not-found';

/** What was begun a moment ago and is not there yet: looked for again until it is. */
export function useReadBegun<T>(path: string, begun: boolean): UseQueryResult<T> {
  return useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => read<T>(path, signal),
    refetchInterval: ({ state }) => (begun && isNotFound(state.error) ? LOOK_AGAIN_MS : false),
  });
}

/** What goes on by itself: read again while it does. */
export function useReadWhile<T>(path: string, goesOn: (data: T) => boolean): UseQueryResult<T> {
  return useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => read<T>(path, signal),
    refetchInterval: ({ state }) =>
      state.data !== undefined && goesOn(state.data) ? LOOK_AGAIN_MS : false,
  });
}

/** All rows of a list at once. */
export function useReadAll<T>(path: string, enabled = true): UseQueryResult<T[]> {
  return useQuery({
    queryKey: ['all', path],
    queryFn: ({ signal }) => readAll<T>(path, signal),
    enabled,
  });
}

/** A list page by page; what was shown stays until the new answer is there. */
export function useReadPages<T>(path: string, query: Record<string, string | undefined>) {
  const whole = withQuery(path, query);
  return useInfiniteQuery({
    queryKey: ['pages', whole],
    queryFn: ({ pageParam, signal }) =>
      read<Page<T>>(withQuery(whole, { cursor: pageParam ?? undefined }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}

/**
 * An action on the server. Its key stays the same while it is tried again, so that it happens once; afterwards all that is
 * shown is read anew.
 */
export function useAction<I, O>(
  act: (input: I, key: string) => Promise<O>,
  done?: (answer: O, input: I) => void,
) {
  const client = useQueryClient();
  const key = useRef<{ input: string; key: string } | null>(null);
  return useMutation<O, Error, I>({
    mutationFn: (input) => {
      const shape = JSON.stringify(input ?? null);
      if (key.current?.input !== shape) key.current = { input: shape, key: newKey() };
      return act(input, key.current.key);
    },
    onSuccess: (answer, input) => {
      key.current = null;
      done?.(answer, input);
      void client.invalidateQueries();
    },
    onError: (error) => {
      // An answer was given and is kept with the key: the next try is a new one.
      if (error instanceof ProblemError) key.current = null;
    },
  });
}
