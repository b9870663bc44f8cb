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
import { type Section, secondsOf } from './section.ts';

/** Both sides in turn, a batch each, so that a busy machine disturbs them alike. */
const ROUNDS = 41;
/** Rounds before the first that counts: code that runs often has been compiled by then. */
const WARM_UP = 20;
const BATCH = 50;

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
  what: 'license keys signed and verified, against bare Ed25519 (goal 0.8)',
  measure: async () => {
    const pair = generateKeyPair();
    const privateKey = readPrivateKey(pair.privatePem);
    const publicKeys = [readPublicKey(pair.publicPem)];
    const [publicKey] = publicKeys;
    if (publicKey === undefined) throw new Error('no public key');
    const many = Array.from({ length: BATCH }, (_, n) => ({ ...CLAIMS, seats: n + 1 }));
    const signed = many.map((claims) => signLicense(claims, 'key', privateKey).key);
    const texts = many.map((claims) => Buffer.from(canonicalClaims(claims)));
    const signatures = texts.map((text) => sign(null, text, privateKey));
    const signing = await inTurn(
      () => many.map((claims) => signLicense(claims, 'key', privateKey)),
      () => texts.map((text) => sign(null, text, privateKey)),
    );
    let valid = 0;
    const verifying = await inTurn(
      () => {
        for (const key of signed)
          valid += verifyLicense(key, { publicKeys, on: '2027-06-01' }).valid ? 1 : 0;
      },
      () => {
        texts.forEach((text, n) => {
          valid += verify(null, text, publicKey, signatures[n] ?? Buffer.alloc(0)) ? 1 : 0;
        });
      },
    );
    const ratios = { signedPerBare: signing.ratio, verifiedPerBare: verifying.ratio };
    return {
      ratios,
      figures: {
        signedPerSecond: Math.round(BATCH / signing.seconds),
        verifiedPerSecond: Math.round(BATCH / verifying.seconds),
      },
      broken:
        valid === (2 * ROUNDS + WARM_UP) * BATCH ? [] : ['a key that was just signed is not valid'],
    };
  },
};

/** Bare ÷ ours, each by its least disturbed batch, and the seconds of ours. */
async function inTurn(
  ours: () => unknown,
  bare: () => unknown,
): Promise<{ ratio: number; seconds: number }> {
  let [bareSeconds, seconds] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < WARM_UP; round += 1) ours();
  for (let round = 0; round < ROUNDS; round += 1) {
    bareSeconds = Math.min(bareSeconds, await secondsOf(bare));
    seconds = Math.min(seconds, await secondsOf(ours));
  }
  return { ratio: bareSeconds / seconds, seconds };
}
