/** What a list shows lives in the address: filters, sort, what is open. Reloading or sending the address gives the same. */
import { useLocation, useParams, useRouter } from '@tanstack/react-router';

export interface AddressState {
  get(name: string): string | undefined;
  /** Changes some names; undefined and empty take a name away. */
  set(changes: Readonly<Record<string, string | undefined>>): void;
  /** All of it, without the question mark. */
  readonly text: string;
  replaceAll(text: string): void;
}

export function useAddress(): AddressState {
  const router = useRouter();
  const { searchStr } = useLocation();
  const query = new URLSearchParams(searchStr);
  const put = (text: string) => {
    const { pathname } = router.history.location;
    router.history.replace(text === '' ? pathname : `${pathname}?${text}`);
  };
  return {
    get: (name) => query.get(name) ?? undefined,
    set: (changes) => {
      // What stands there now, not what stood there when this was rendered: two changes may follow each other at once.
      const next = new URLSearchParams(router.history.location.search);
      for (const [name, value] of Object.entries(changes))
        if (value === undefined || value === '') next.delete(name);
        else next.set(name, value);
      put(next.toString());
    },
    text: query.toString(),
    replaceAll: put,
  };
}

/** A part of the path, by its name in the route. */
export function usePathPart(name: string): string {
  const parts = useParams({ strict: false }) as Readonly<Record<string, string | undefined>>;
  const value = parts[name];
  if (value === undefined) throw new Error(`this page's route has no ${name}`);
  return value;
}
