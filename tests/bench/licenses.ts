/** License keys signed and verified, against the bare signature that neither can do without. */
import { sign, verify } from 'node:crypto';
import { signLicense } from '../../connectors/license/own/issuer.ts';
import {
  generateKeyPair,
  readPrivateKey,
  readPublicKey,
} from '../../connectors/license/own/signing-key.ts';
import { verifyLicense } from '../../connectors/license/own/verification.ts';
import { canonicalClaims, type LicenseClaims } from '../../domain/licenses/claims.ts';
import { leastSecondsOf, type Section } from './section.ts';

const KEYS = 2_000;
const TIMES = 3;

const CLAIMS: LicenseClaims = {
  account: 'A-1042',
  product: 'CAD',
  edition: 'professional',
  seats: 25,
  validFrom: '2027-01-01',
  validThrough: '2027-12-31',
  kind: 'full',
  features: ['drafting', 'simulation'],
};

export const licenses: Section = {
  name: 'licenses',
  what: 'license keys signed and verified, against bare Ed25519',
  measure: async () => {
    const pair = generateKeyPair();
    const privateKey = readPrivateKey(pair.privatePem);
    const publicKeys = [readPublicKey(pair.publicPem)];
    const [publicKey] = publicKeys;
    if (publicKey === undefined) throw new Error('no public key');
    const many = Array.from({ length: KEYS }, (_, n) => ({ ...CLAIMS, seats: n + 1 }));
    const signed = many.map((claims) => signLicense(claims, 'key', privateKey).key);
    const texts = many.map((claims) => Buffer.from(canonicalClaims(claims)));
    const signatures = texts.map((text) => sign(null, text, privateKey));
    const signing = await leastSecondsOf(TIMES, () => {
      for (const claims of many) signLicense(claims, 'key', privateKey);
    });
    const bareSigning = await leastSecondsOf(TIMES, () => {
      for (const text of texts) sign(null, text, privateKey);
    });
    let valid = 0;
    const verifying = await leastSecondsOf(TIMES, () => {
      for (const key of signed)
        valid += verifyLicense(key, { publicKeys, on: '2027-06-01' }).valid ? 1 : 0;
    });
    const bareVerifying = await leastSecondsOf(TIMES, () => {
      texts.forEach((text, n) => {
        valid += verify(null, text, publicKey, signatures[n] ?? Buffer.alloc(0)) ? 1 : 0;
      });
    });
    return {
      ratios: {
        signedPerBare: bareSigning / signing,
        verifiedPerBare: bareVerifying / verifying,
      },
      figures: { signedPerSecond: KEYS / signing, verifiedPerSecond: KEYS / verifying },
      broken: valid === 2 * TIMES * KEYS ? [] : ['a key that was just signed is not valid'],
    };
  },
};
