/** docs/findings.md: the catalogue for whoever reads findings, and how well each rule finds what was planted. */
import { CATALOGUE, RULE_CODES, type RuleText } from '../domain/findings/catalogue.ts';
import type { Proof } from './sample-proof.ts';

/** The day that the sample company of the measurement is of. */
export const PROOF_DAY = '2026-11-22';

const INTRODUCTION = `# Findings

Perennial compares contracts, orders, licenses, service time, usage, payments, accounting, CRM and the ledger, and says what
does not agree, what it is worth and what can be done about it. It looks every night, before each bill run (what it finds stands in
the review), after an import, whenever you ask, and from the command line without any server:

    perennial book findings BOOK --as-of 2026-11-22
    perennial book findings BOOK --as-of 2026-11-22 --outside OUTSIDE.json --json

Amounts come from the billing engine. A positive amount is revenue missed or at risk, a negative one is owed to the customer; the money
of one subcontract and period counts once, however many rules it breaks. Rules that need another system are **not checked** while
that system has not been read: the answer lists them with the day of the last reading, and never calls them fine. How
accounting and CRM are connected, read and corrected, or brought as files: [connecting.md](connecting.md).

This page is written by \`node --import tsx examples/write-findings-doc.ts\` from the catalogue in the code; a test compares the two.

## The rules
`;

const MEASUREMENT = `
## How well they find

Measured on the sample company (three years of history, 130 customers, some 1,550 subcontracts, seed 20261115) as of
${PROOF_DAY}. The script that makes the company plants mess, writes down what it planted (\`planted.json\`), and this table
compares: *recall* is planted cases found, *precision* is findings with a planted cause. One case may cause several findings: a discount that was
billed after its last day is found on each subcontract of its contract. Rules without a row had nothing planted, because an
import refuses such records (\`allocation-differs\`, \`not-computable\`, \`currency-mismatch\`) or because nothing failed; their tests
damage a clean book one record at a time, as those of every rule do.

| rule | planted | found | recall | findings | with a cause | precision |
|---|---:|---:|---:|---:|---:|---:|
`;

export function findingsDoc(proof: Proof): string {
  const rules = RULE_CODES.map((code) => ruleText(code, CATALOGUE[code])).join('\n');
  const rows = proof.rules.map(({ rule, planted, found, findings, unplanted }) => {
    const caused = findings - unplanted;
    const figures = [planted, found, percent(found, planted), findings, caused];
    return `| \`${rule}\` | ${[...figures, percent(caused, findings)].join(' | ')} |`;
  });
  return `${INTRODUCTION}\n${rules}${MEASUREMENT}${rows.join('\n')}\n`;
}

function ruleText(code: string, rule: RuleText): string {
  const needs = rule.needs === null ? '' : ` Needs: ${rule.needs}.`;
  return [
    `### ${rule.title}: \`${code}\``,
    '',
    `${rule.compares} ${rule.matters}`,
    '',
    `- What to do: ${rule.todo}`,
    `- Amount: ${rule.amount}. Severity: ${rule.severity}.${needs}`,
    `- Decisions: ${rule.actions.map(words).join(', ')}`,
    '',
  ].join('\n');
}

/** `correctInCrm` reads "correct in CRM". */
function words(action: string): string {
  return action.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/crm$/, 'CRM');
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.floor((part * 100) / whole)} %`;
}
