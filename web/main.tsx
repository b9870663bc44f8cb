/** The dashboard begins: styles, theme, the cache of what was read, and the session that decides what is shown. */
import '@mantine/core/styles.css';
import '@mantine/charts/styles.css';
import '@mantine/notifications/styles.css';
import '@fontsource/inter/400.css';
import '@fontsource/inter/500.css';
import '@fontsource/inter/600.css';
import './styles.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Session } from '../api/types.ts';
import { keepCsrfToken, ProblemError, read } from './data/client.ts';
import { useRead } from './data/reading.ts';
import { SessionContext } from './data/session.ts';
import { SignIn } from './pages/sign-in.tsx';
import { ProblemPanel } from './parts/states.tsx';
import { router } from './router.tsx';
import { theme } from './theme.ts';

const isSignedOut = (error: unknown) =>
  error instanceof ProblemError && error.problem.code === 'not-signed-in';

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      // The session has ended while a page was open: the sign-in page takes its place.
      if (isSignedOut(error) && query.queryKey[0] !== '/session')
        void client.resetQueries({ queryKey: ['/session'] });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (tries, error) =>
        tries < 2 && !(error instanceof ProblemError && !error.problem.retryable),
    },
  },
});

function Begin() {
  const session = useRead<Session>('/session');
  if (session.data !== undefined && !isSignedOut(session.error)) {
    keepCsrfToken(session.data.csrfToken);
    return (
      <SessionContext value={session.data}>
        <RouterProvider router={router} />
      </SessionContext>
    );
  }
  if (isSignedOut(session.error))
    return (
      <SignIn
        signedIn={() => {
          void client.fetchQuery({ queryKey: ['/session'], queryFn: () => read('/session') });
        }}
      />
    );
  if (session.error !== null)
    return (
      <main className="page" style={{ maxWidth: 640, margin: '0 auto' }}>
        <ProblemPanel error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  return null;
}

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-center" />
      <QueryClientProvider client={client}>
        <Begin />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
