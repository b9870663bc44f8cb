/** Contracts: lists, the contract's page, and what a person asks of its lifecycle (updates of its workflow). */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { audit, getFact, putFact } from '../../db/index.ts';
import type { Row } from '../../domain/book/tables.ts';
import { AMENDMENT_KINDS } from '../../domain/book/tables.ts';
import {
  contractAmend,
  contractDecideRenewal,
  contractGrantGrace,
  contractHold,
  contractReinstate,
  contractRelease,
  contractTerminate,
  resolveParked,
} from '../../workflows/messages.ts';
import type { Routes } from '../app.ts';
import { contractArgs, foundContract } from '../contract-commands.ts';
import { actorOf, personOf } from '../http/authentication.ts';
import { tag } from '../http/etags.ts';
import { civilDate, given, listQuery, name, page, reason, yesNo } from '../http/lists.ts';
import type { Action } from '../permissions.ts';
import { notFound, ProblemError } from '../problems.ts';
import { contractPage, contractSummaries } from '../views/contracts.ts';
import { factBody, factChanges } from './facts.ts';

const byContract = z.object({ contract: name });

export const contractRoutes: Routes = (app, context) => {
  const { db, processes } = context;
  /** The contract with what its workflow is started from, where it does not run. */
  const argsOf = async (contract: string) => {
    const facts = await foundContract(db, contract);
    if (facts.contract.status === 'draft')
      throw new ProblemError('state-conflict', `${contract} is a draft; activate it first.`);
    return contractArgs(facts);
  };

  app.get(
    '/contracts',
    {
      config: { permission: 'contract:read', answer: 'Page<ContractSummary>' },
      schema: {
        summary: 'Contracts',
        querystring: listQuery({
          account: name.optional(),
          status: z.string().max(40).optional(),
          entity: name.optional(),
          attention: yesNo.optional().describe('true: only those that wait for a person'),
        }),
      },
    },
    ({ query }) => {
      const { account, status, entity, attention } = query;
      const view = (rows: readonly Row<'contracts'>[]) => contractSummaries(db, rows);
      if (attention !== true)
        return page(db, 'contracts', query, given({ account, status, entity }), view);
      return contractSummaries.waiting(db, query, given({ account, status, entity }));
    },
  );
  app.get(
    '/contracts/:contract',
    {
      config: { permission: 'contract:read', answer: 'ContractPage' },
      schema: { summary: 'What is going on with a contract', params: byContract },
    },
    async (request, reply) => {
      const found = await contractPage(context, request.params.contract, personOf(request));
      if (found === null) throw notFound('contract', request.params.contract);
      tag(reply, await getFact(db, 'contracts', { contract: request.params.contract }));
      return found;
    },
  );
  app.post(
    '/contracts',
    {
      config: { permission: 'contract:write' },
      schema: { summary: 'Add a contract; its lifecycle begins', body: factBody('contracts') },
    },
    async (request, reply) => {
      const row = request.body as unknown as Row<'contracts'>;
      if ((await getFact(db, 'contracts', { contract: row.contract })) !== null)
        throw new ProblemError('already-exists', `There is a contract ${row.contract}.`);
      if ((await getFact(db, 'accounts', { account: row.account })) === null)
        throw notFound('account', row.account);
      if (row.end < row.start)
        throw new ProblemError('invalid-input', 'A contract ends on or after its start.');
      await db.transaction(async (tx) => {
        await putFact(tx, 'contracts', row);
        await audit(tx, {
          actor: actorOf(request),
          action: 'contract.create',
          subject: row.contract,
          details: { account: row.account },
        });
      });
      if (row.status !== 'draft') await processes.startContract(...(await argsOf(row.contract)));
      tag(reply, row);
      return reply.code(201).header('location', `/api/v1/contracts/${row.contract}`).send(row);
    },
  );
  app.patch(
    '/contracts/:contract',
    {
      config: { permission: 'contract:write' },
      schema: {
        summary: 'Correct master data; status changes have addresses of their own',
        params: byContract,
        body: factChanges('contracts', ['status', 'terminatedOn']),
      },
    },
    async (request, reply) => {
      const { contract } = request.params;
      const row = await factChanges.apply(context, request, 'contracts', { contract });
      // The lifecycle reads the facts again when it is woken.
      if (row.status !== 'draft') await processes.startContract(...(await argsOf(contract)));
      tag(reply, row);
      return row;
    },
  );

  app.post(
    '/contracts/:contract/amendments',
    {
      config: { permission: 'contract:amend' },
      schema: {
        summary: 'Agree on a dated change to a subcontract',
        params: byContract,
        body: z.strictObject({
          amendment: name.optional().describe('default: a number is made'),
          subcontract: name,
          kind: z.enum(AMENDMENT_KINDS),
          value: z.string().max(200).nullable().default(null),
          effective: civilDate,
          reason: z.enum(['change', 'correction']).default('change'),
        }),
      },
    },
    async (request, reply) => {
      const args = await argsOf(request.params.contract);
      const { amendment = `A-${randomUUID().slice(0, 8).toUpperCase()}`, ...input } = request.body;
      const owner = await getFact(db, 'subcontracts', { subcontract: input.subcontract });
      if (owner === null) throw notFound('subcontract', input.subcontract);
      const answer = await processes.updateContract(
        ...args,
        contractAmend,
        [{ amendment, ...input }, actorOf(request)],
        request.id,
      );
      return reply.code(201).send(answer);
    },
  );

  const because = z.strictObject({ reason });
  const onADay = z.strictObject({ on: civilDate, reason });
  const asks = [
    ['hold', 'contract:hold', contractHold, because, 'Stop billing it, with a reason'],
    ['release', 'contract:hold', contractRelease, because, 'Bill it again'],
    ['terminate', 'contract:terminate', contractTerminate, onADay, 'End it after a day'],
    ['reinstate', 'contract:terminate', contractReinstate, onADay, 'Bring a lapsed one back'],
  ] as const;
  for (const [verb, permission, definition, body, summary] of asks) {
    app.post(
      `/contracts/:contract/${verb}`,
      {
        config: { permission: permission as Action },
        schema: { summary, params: byContract, body: body as typeof onADay },
      },
      async (request, reply) => {
        const args = await argsOf(request.params.contract);
        await processes.updateContract(
          ...args,
          definition as typeof contractTerminate,
          [request.body, actorOf(request)],
          request.id,
        );
        return reply.code(204).send();
      },
    );
  }
  app.post(
    '/contracts/:contract/grace',
    {
      config: { permission: 'license:grant-grace' },
      schema: {
        summary: 'Let its licenses run on unpaid through a day, within the limit of the policy',
        params: byContract,
        body: z.strictObject({
          subcontract: name.nullable().default(null).describe('default: all that is unpaid'),
          through: civilDate,
          reason,
        }),
      },
    },
    async (request) => {
      const args = await argsOf(request.params.contract);
      const input = [request.body, actorOf(request)] as const;
      return processes.updateContract(...args, contractGrantGrace, [...input], request.id);
    },
  );
  app.post(
    '/contracts/:contract/renewal-decision',
    {
      config: { permission: 'renewal:decide' },
      schema: {
        summary: 'Enter the customer’s answer to a renewal agreement',
        params: byContract,
        body: z.strictObject({
          renewal: name,
          decision: z.enum(['accept', 'decline']),
          on: civilDate,
          reason: reason.nullable().default(null),
        }),
      },
    },
    async (request, reply) => {
      const args = await argsOf(request.params.contract);
      const input = [request.body, actorOf(request)] as const;
      await processes.updateContract(...args, contractDecideRenewal, [...input], request.id);
      return reply.code(204).send();
    },
  );
  app.post(
    '/contracts/:contract/resolve',
    {
      config: { permission: 'contract:resolve' },
      schema: {
        summary: 'Retry or skip what needs attention',
        params: byContract,
        body: z.strictObject({ how: z.enum(['retry', 'skip']), reason }),
      },
    },
    async (request, reply) => {
      const args = await argsOf(request.params.contract);
      const input = [request.body, actorOf(request)] as const;
      await processes.updateContract(...args, resolveParked, [...input], request.id);
      return reply.code(204).send();
    },
  );
};
