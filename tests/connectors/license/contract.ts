/** What every license issuer keeps, whoever is behind the port. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { LicenseIssuer, LicenseOrder } from '../../../connectors/license/port.ts';

export const order: LicenseOrder = {
  license: 'license:C-1042/1',
  claims: {
    account: 'ACME',
    product: 'CAD',
    edition: 'Professional',
    seats: 25,
    validFrom: '2027-01-01',
    validThrough: '2027-12-31',
    kind: 'full',
  },
  format: 'key',
};

export function describeIssuer(name: string, make: () => Promise<LicenseIssuer>): void {
  describe(`${name} keeps the issuer's contract`, () => {
    let issuer: LicenseIssuer;
    beforeEach(async () => {
      issuer = await make();
    });

    it('the same order gives the same license, however often', async () => {
      const first = await issuer.issue(order);
      expect(first).toMatchObject({ result: 'ok', value: { license: order.license, file: null } });
      expect(await issuer.issue(order)).toEqual(first);
      expect(await issuer.issue({ ...order })).toEqual(first);
    });

    it('a file comes with the key', async () => {
      for (const format of ['file', 'encrypted-file'] as const) {
        const answer = await issuer.issue({ ...order, format });
        const value = answer.result === 'ok' ? answer.value : null;
        expect(value?.key).toBeTruthy();
        expect(value?.file).toMatch(/^-----BEGIN LICENSE FILE-----\n/);
      }
    });

    it('another subcontract gets another license', async () => {
      const claims = { ...order.claims, seats: 3 };
      const [a, b] = [
        await issuer.issue(order),
        await issuer.issue({ ...order, claims, license: 'license:C-1042/2' }),
      ];
      const keyOf = (answer: typeof a) => (answer.result === 'ok' ? answer.value.key : null);
      expect(keyOf(a)).not.toBe(keyOf(b));
    });

    it('switching off and on twice is as good as once', async () => {
      await issuer.issue(order);
      for (const step of [
        'suspend',
        'suspend',
        'reinstate',
        'reinstate',
        'revoke',
        'revoke',
      ] as const)
        expect(await issuer[step](order.license)).toMatchObject({
          result: 'ok',
          value: { license: order.license },
        });
    });
  });
}
