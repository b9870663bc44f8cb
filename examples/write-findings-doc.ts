/** Writes docs/findings.md: `node --import tsx examples/write-findings-doc.ts`. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findingsOf } from '../domain/findings/find.ts';
import { findingsDoc, PROOF_DAY } from './findings-doc.ts';
import { SAMPLE, sampleCompany } from './sample-company.ts';
import { proofOf } from './sample-proof.ts';

const { book, planted, outside } = sampleCompany({ ...SAMPLE, today: PROOF_DAY });
const { findings } = findingsOf(book, PROOF_DAY, outside);
const path = fileURLToPath(new URL('../docs/findings.md', import.meta.url));
await writeFile(path, findingsDoc(proofOf(planted, findings)));
