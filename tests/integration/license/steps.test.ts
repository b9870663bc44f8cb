/** Licenses of a contract on the real database, without processes: what they say, a move, and Keygen as the issuer. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contractSteps } from '../../../activities/contract-steps.ts';
import type { Deps } from '../../../activities/deps.ts';
import {
  refreshLicenses,
  reissueLicense,
  suspendUnpaid,
} from '../../../activities/license-steps.ts';
import { createBuiltInCrm } from '../../../connectors/crm/built-in/crm.ts';
import type { Crm } from '../../../connectors/crm/port.ts';
import { createKeygenIssuer } from '../../../connectors/license/keygen/issuer.ts';
import { keygenId } from '../../../connectors/license/keygen/transform.ts';
import { createOwnIssuer } from '../../../connectors/license/own/issuer.ts';
import {
  generateKeyPair,
  readPrivateKey,
  readPublicKey,
} from '../../../connectors/license/own/signing-key.ts';
import { verifyLicense } from '../../../connectors/license/own/verification.ts';
import type { LicenseIssuer } from '../../../connectors/license/port.ts';
import { createKeyVault } from '../../../connectors/license/vault.ts';
import {
  addAmendment,
  addCrmNote,
  type Connection,
  connect,
  crmNotesOf,
  factRows,
  getContractState,
  importBook,
  licensesOf,
  licensesOfSubcontracts,
  licenseTransitionsOf,
  putFact,
  saveLicense,
} from '../../../db/index.ts';
import { ACCOUNT, KeygenServer, TOKEN } from '../../connectors/license/keygen-server.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { row, smallBook } from '../api/fixture.ts';

const TODAY = '2026-06-10';
const pair = generateKeyPair();
const own = createOwnIssuer(readPrivateKey(pair.privatePem));
const vault = createKeyVault(Buffer.alloc(32, 4));
let connection: Connection;

/** What costs nothing counts as paid, so that no invoice is needed here. */
beforeEach(async () => {
  connection = connect(await createTestDatabase(), { max: 4 });
  const book = smallBook();
  const [contract] = book.contracts;
  const free = { sku: 'CAD', quantity: '3', unitPrice: '0', status: 'active' } as const;
  await importBook(
    connection.db,
    {
      ...book,
      invoices: [],
      invoice_lines: [],
      accounts: [...book.accounts, row('accounts', { ...book.accounts[0], account: 'A-2' })],
      products: [
        row('products', {
          sku: 'CAD',
          name: 'CAD',
          kind: 'maintenance',
          custom: { edition: 'Pro', features: 'simulation, drafting' },
        }),
      ],
      contracts: [
        row('contracts', { ...contract }),
        row('contracts', { ...contract, contract: 'C-2', account: 'A-2' }),
      ],
      subcontracts: [row('subcontracts', { ...free, subcontract: 'S-1', contract: 'C-1' })],
    },
    { importId: 'test', actor: { user: 'ann', role: 'admin' } },
  );
  return () => connection.close();
});

const refresh = (
  contract: string,
  reference: string,
  issuer: LicenseIssuer = own,
  cause: 'paid' | 'amended' | 'grace' = 'paid',
) =>
  refreshLicenses(
    { db: connection.db, issuer, vault },
    { contract, cause, reference, today: TODAY },
  );
async function claimsOf(license: string | undefined) {
  const rows = await licensesOfSubcontracts(connection.db, ['S-1']);
  const found = rows.find((one) => one.license === license);
  const publicKeys = [readPublicKey(pair.publicPem)];
  return verifyLicense(vault.open(found?.key ?? ''), { publicKeys, on: TODAY });
}

describe('what a payment changes of a contract', () => {
  const moment = { contract: 'C-1', since: null, clock: null, at: `${TODAY}T10:00:00Z` };
  const news = { invoice: 'INV-1', timeZone: 'UTC', key: 'note', subject: 'Licenses of C-1' };
  const stepsWith = (crm: Crm) =>
    contractSteps({ db: connection.db, issuer: own, vault, crm } as Deps);

  it('is one step, and once however often it is tried: license and note, on its own day', async () => {
    const { db } = connection;
    const steps = stepsWith(createBuiltInCrm((note) => addCrmNote(db, note)));
    const first = await steps.settleContract({ ...moment, ...news });
    const issued = [{ subcontract: 'S-1', kind: 'full' }];
    expect(first).toMatchObject({ noted: true, today: TODAY, issued });
    expect(await steps.settleContract({ ...moment, ...news })).toEqual(first);
    expect(await licensesOf(db, { contract: 'C-1' })).toHaveLength(1);
    const notes = await crmNotesOf(db, 'A-1');
    expect(notes.map(({ key }) => key)).toEqual([`note:${first.issued[0]?.license}`]);
    expect(notes[0]?.body).toContain('Why: paid.');
  });

  it('leaves a CRM outside to a step of its own', async () => {
    const addNote = () => Promise.reject(new Error('this step tells nobody outside'));
    const steps = stepsWith({ system: 'elsewhere', external: true, addNote });
    const settled = await steps.settleContract({ ...moment, ...news });
    expect(settled.noted).toBe(false);
    expect(settled.records).toHaveLength(1);
  });

  it('leaves what waits for a person where it is', async () => {
    const { db } = connection;
    const steps = stepsWith(createBuiltInCrm((note) => addCrmNote(db, note)));
    const parked = { contracts: ['C-1'], cause: 'The mail: refused', today: TODAY, key: 'k' };
    await steps.recordAttention(parked);
    await steps.settleContract({ ...moment, ...news });
    const state = await getContractState(db, 'C-1');
    expect(state?.needsAttention).toBe('The mail: refused');
  });
});

describe('a key', () => {
  it('says edition and features of the product, the seats of the quantity and whose it is', async () => {
    const { issued, records = [] } = await refresh('C-1', 'INV-1');
    expect(await claimsOf(issued[0]?.license)).toMatchObject({
      valid: true,
      claims: {
        account: 'A-1',
        product: 'CAD',
        edition: 'Pro',
        features: ['drafting', 'simulation'],
        seats: 3,
        subcontract: 'S-1',
        validThrough: '2027-12-31',
      },
    });
    expect(records).toHaveLength(1);
    expect(records[0]?.words).toContain('3 × CAD Pro with drafting, simulation for A-1 (S-1)');
    expect(records[0]?.words).not.toContain('key/');
    expect((await refresh('C-1', 'INV-1')).issued).toEqual(issued);
    expect(await licensesOf(connection.db, { contract: 'C-1' })).toHaveLength(1);
  });

  it('follows the quantity, and an evaluation ends with it', async () => {
    const { db } = connection;
    const trial = { account: 'A-1', contract: null, subcontract: null, sku: 'CAD', edition: 'Pro' };
    const dates = { validFrom: '2026-06-01', validThrough: '2026-07-01', issuedOn: '2026-06-01' };
    const stored = { key: 'sealed:1:x', fingerprint: 'f', keyEnd: 'x', seats: 1 };
    const kind = 'evaluation' as const;
    const cause = 'evaluation-requested';
    await saveLicense(db, { license: 'L-try', ...trial, ...dates, ...stored, kind, cause });
    const first = (await refresh('C-1', 'INV-1')).issued[0]?.license;
    const rows = await licensesOf(db, { account: 'A-1' });
    expect(rows.find(({ license }) => license === 'L-try')).toMatchObject({
      state: 'superseded',
      supersededBy: first,
    });
    const change = { subcontract: 'S-1', kind: 'quantity', value: '5', reason: 'change' } as const;
    const when = { effective: '2026-06-01', recorded: TODAY, custom: {} };
    await addAmendment(db, { amendment: 'AM-1', ...change, ...when });
    const { issued } = await refresh('C-1', 'AM-1', own, 'amended');
    expect((await claimsOf(issued[0]?.license)).claims?.seats).toBe(5);
  });

  describe('with those of other subcontracts', () => {
    const SUBCONTRACTS = ['S-1', 'S-2', 'S-3'];
    beforeEach(async () => {
      const free = { contract: 'C-1', sku: 'CAD', quantity: '3', unitPrice: '0' };
      for (const subcontract of ['S-2', 'S-3']) {
        const added = row('subcontracts', { ...free, subcontract, status: 'active' });
        await putFact(connection.db, 'subcontracts', added);
      }
    });

    it('is stored in one go, each with its history and the row of fact', async () => {
      const { db } = connection;
      const first = (await refresh('C-1', 'INV-1')).issued;
      expect(first.map(({ subcontract }) => subcontract)).toEqual(SUBCONTRACTS);
      for (const subcontract of SUBCONTRACTS) {
        const change = { subcontract, kind: 'quantity', value: '5', reason: 'change' } as const;
        const when = { effective: TODAY, recorded: TODAY, custom: {} };
        await addAmendment(db, { amendment: `AM-${subcontract}`, ...change, ...when });
      }
      const then = (await refresh('C-1', 'AM', own, 'amended')).issued;
      expect(then.map(({ subcontract }) => subcontract)).toEqual(SUBCONTRACTS);
      expect((await refresh('C-1', 'AM', own, 'amended')).issued).toEqual(then);
      for (const [at, subcontract] of SUBCONTRACTS.entries()) {
        const [before = '', now = ''] = [first[at]?.license, then[at]?.license];
        const rows = await licensesOfSubcontracts(db, [subcontract]);
        expect(rows.map((one) => [one.license, one.seats, one.state, one.supersededBy])).toEqual([
          [now, 5, 'enabled', null],
          [before, 3, 'superseded', now],
        ]);
        const history = (await licenseTransitionsOf(db, before)).map((one) => [
          one.action,
          one.cause,
          one.actor,
          one.replacedBy,
        ]);
        expect(history).toEqual([
          ['issue', 'paid INV-1', 'perennial', null],
          ['supersede', 'amended AM', 'perennial', now],
        ]);
        const facts = await factRows(db, 'licenses', { subcontract: [subcontract] });
        expect(facts.map(({ license, state }) => [license, state])).toEqual([
          [before, 'superseded'],
          [now, 'enabled'],
        ]);
      }
    });

    it('is kept where a later one is refused, and told of once that is mended', async () => {
      const { db } = connection;
      const refusing: LicenseIssuer = {
        ...own,
        issue: (order) =>
          order.claims.subcontract === 'S-2'
            ? Promise.resolve({ result: 'rejected', code: 'refused', message: 'no seats left' })
            : own.issue(order),
      };
      await expect(refresh('C-1', 'INV-1', refusing)).rejects.toThrow('no seats left');
      const kept = await licensesOf(db, { contract: 'C-1' });
      expect(kept.map(({ subcontract }) => subcontract)).toEqual(['S-1']);
      const { issued } = await refresh('C-1', 'INV-1');
      expect(new Set(issued.map(({ subcontract }) => subcontract))).toEqual(new Set(SUBCONTRACTS));
      expect(await licensesOf(db, { contract: 'C-1' })).toHaveLength(3);
      expect(issued.map(({ license }) => license)).toContain(kept[0]?.license);
    });
  });

  it('that was sealed under a lost secret is signed again when it is sent again', async () => {
    const license = (await refresh('C-1', 'INV-1')).issued[0]?.license ?? '';
    const key = (await licensesOf(connection.db, { contract: 'C-1' }))[0]?.key ?? '';
    const other = createKeyVault(Buffer.alloc(32, 5));
    const actor = { user: 'sue@seller.example', role: 'support' };
    const command = { contract: 'C-1', actor, today: TODAY, key: 'k-1', reason: 'their disk died' };
    const deps = { db: connection.db, issuer: own, vault: other };
    await reissueLicense(deps, { ...command, license, leaked: false });
    const [after] = await licensesOf(connection.db, { contract: 'C-1' });
    expect(other.open(after?.key ?? '')).toBe(vault.open(key));
    expect(after?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    const none = reissueLicense(deps, { ...command, license: 'L-none', leaked: true });
    await expect(none).rejects.toMatchObject({ type: 'license-not-current' });
  });

  it('moves with its subcontract: the same dates under the other contract, for its account', async () => {
    const { db } = connection;
    const before = (await refresh('C-1', 'INV-1')).issued[0]?.license;
    const move = { subcontract: 'S-1', kind: 'move', value: 'C-2', reason: 'change' } as const;
    const when = { effective: TODAY, recorded: TODAY, custom: {} };
    await addAmendment(db, { amendment: 'AM-2', ...move, ...when });
    expect((await refresh('C-1', 'AM-2', own, 'amended')).issued).toEqual([]);
    const { issued } = await refresh('C-2', 'AM-2', own, 'grace');
    expect(issued).toHaveLength(1);
    const rows = await licensesOfSubcontracts(db, ['S-1']);
    expect(rows.map((one) => [one.contract, one.account, one.state, one.validThrough])).toEqual([
      ['C-2', 'A-2', 'enabled', '2027-12-31'],
      ['C-1', 'A-1', 'superseded', '2027-12-31'],
    ]);
    expect(rows[1]).toMatchObject({ license: before, supersededBy: issued[0]?.license });
    expect((await claimsOf(issued[0]?.license)).claims?.account).toBe('A-2');
  });
});

describe('with Keygen', () => {
  let server: KeygenServer;
  let keygen: LicenseIssuer;
  beforeAll(async () => {
    server = new KeygenServer();
    keygen = createKeygenIssuer({
      origin: await server.start(),
      keygenAccount: ACCOUNT,
      token: TOKEN,
      version: '1.7',
      timeoutSeconds: 5,
      policies: { CAD: 'policy-cad' },
      seatLimit: 'maxMachines',
      now: () => new Date(`${TODAY}T10:00:00Z`),
    });
  });
  afterAll(() => server.stop());

  it('one license a subcontract is issued, switched off there, and runs again once paid', async () => {
    await refresh('C-1', 'INV-1', keygen);
    const there = () => server.licenses.get(keygenId('license:S-1'))?.attributes;
    expect(there()).toMatchObject({ expiry: '2027-12-31T23:59:59Z', maxMachines: 3 });
    const unpaid = { contract: 'C-1', subcontracts: ['S-1'], invoice: 'INV-1', today: TODAY };
    const deps = { db: connection.db, issuer: keygen, vault };
    expect(await suspendUnpaid(deps, unpaid)).toEqual(['S-1']);
    expect(await suspendUnpaid(deps, unpaid)).toEqual([]);
    expect(there()?.suspended).toBe(true);
    expect((await refresh('C-1', 'INV-2', keygen)).issued).toHaveLength(1);
    expect(there()?.suspended).toBe(false);
    expect(server.licenses.size).toBe(1);
    const rows = await licensesOf(connection.db, { contract: 'C-1' });
    expect(rows.map(({ state }) => state)).toEqual(['enabled', 'superseded']);
  });
});
