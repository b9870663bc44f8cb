/** Licenses: ours with shortened keys; the whole key for those who send it to a customer, which is written down. */
import { z } from 'zod';
import {
  audit,
  contractFacts,
  getLicense,
  type LicenseKey,
  licenseTransitionsOf,
} from '../../db/index.ts';
import { contractReissue } from '../../workflows/messages.ts';
import type { Routes } from '../app.ts';
import { contractArgs } from '../contract-commands.ts';
import { actorOf, personOf } from '../http/authentication.ts';
import { given, listQuery, name, page, reason } from '../http/lists.ts';
import { may } from '../permissions.ts';
import { notFound, ProblemError } from '../problems.ts';
import { licenseView } from '../views/invoices.ts';
import { openedKey, transitionViews } from '../views/licenses.ts';

const byLicense = z.object({ license: name });

export const licenseRoutes: Routes = (app, { db, licenseVault, processes }) => {
  const found = async (license: string) => {
    const row = await getLicense(db, license);
    if (row === null) throw notFound('license', license);
    return row;
  };
  app.get(
    '/licenses',
    {
      config: { permission: 'license:read', answer: 'Page<LicenseView>' },
      schema: {
        summary: 'Licenses',
        querystring: listQuery({
          account: name.optional(),
          contract: name.optional(),
          subcontract: name.optional(),
          state: z.enum(['enabled', 'suspended', 'superseded', 'revoked']).optional(),
          kind: z.enum(['full', 'temporary', 'evaluation']).optional(),
        }),
      },
    },
    ({ query }) => {
      const { account, contract, subcontract, state, kind } = query;
      const filter = given({ account, contract, subcontract, state, kind });
      return page<LicenseKey, unknown>(db, 'licenseKeys', query, filter, (rows) =>
        rows.map(licenseView),
      );
    },
  );
  app.get(
    '/licenses/:license',
    {
      config: { permission: 'license:read', answer: 'LicensePage' },
      schema: { summary: 'A license and how it came to where it is', params: byLicense },
    },
    async (request) => {
      const { params } = request;
      const row = await found(params.license);
      const { role } = personOf(request);
      const transitions = await licenseTransitionsOf(db, row.license);
      const current = row.state === 'enabled' || row.state === 'suspended';
      return {
        ...licenseView(row),
        features: row.features,
        may: [
          ...(may(role, 'license:reveal') ? (['reveal'] as const) : []),
          ...(current && row.contract !== null && may(role, 'license:reissue')
            ? (['reissue'] as const)
            : []),
        ],
        transitions: await transitionViews(db, transitions),
      };
    },
  );
  app.post(
    '/licenses/:license/reissue',
    {
      config: { permission: 'license:reissue' },
      schema: {
        summary: 'Send a lost key again; a leaked one is revoked, and a new key takes its place',
        params: byLicense,
        body: z.strictObject({
          leaked: z.boolean().default(false).describe('others may have it: revoke it'),
          reason,
        }),
        response: { 200: z.object({ license: z.string() }) },
      },
    },
    async (request) => {
      const { license, contract } = await found(request.params.license);
      const facts = contract === null ? null : await contractFacts(db, contract);
      if (facts === null)
        throw new ProblemError('license-not-current', `${license} belongs to no contract.`);
      const input = { license, ...request.body };
      return processes.updateContract(
        ...contractArgs(facts),
        contractReissue,
        [input, actorOf(request)],
        request.id,
      );
    },
  );
  app.get(
    '/licenses/:license/key',
    {
      config: { permission: 'license:reveal', answersSecret: true },
      schema: { summary: 'The whole key; the look is kept in the audit trail', params: byLicense },
    },
    async (request) => {
      const { license, key } = await found(request.params.license);
      await audit(db, { actor: actorOf(request), action: 'license.reveal', subject: license });
      return { license, key: openedKey(licenseVault, key) };
    },
  );
};
