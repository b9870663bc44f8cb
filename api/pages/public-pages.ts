/** Pages that open with a link alone, and the forms on them. */
import type { Api } from '../app.ts';
import type { ApiDependencies } from '../dependencies.ts';

/** Anyone may ask for them, though not for many in a minute. */
export const publicPage = ({ licenseChecksPerMinute }: ApiDependencies['configuration']) => ({
  permission: 'public' as const,
  rateLimit: { max: licenseChecksPerMinute, timeWindow: '1 minute' },
});

/** Reads forms as the fields' texts; of a field that comes more than once the last counts. */
export function acceptForms(app: Api, limitBytes: number): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: limitBytes },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
}
