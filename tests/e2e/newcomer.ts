/**
 * A newcomer's first day, after a look at the sample company: it leaves; their own book comes in with two mistakes and
 * leaves without them; a month is reviewed by one person and approved by another; mail, paper and process are looked at; the customer
 * pays by card, gets the keys, and owes nothing. Each step is one that a person does, where they would do it. Part of
 * browser.test.ts.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { errors, type Page } from 'playwright-core';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, addMonths } from '../../domain/dates/dates.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { product, RUN_MONTH } from './product.ts';

const START = addMonths(`${RUN_MONTH}-01`, 1);
const END = addDays(addMonths(START, 12), -1);
const NO_DAY = END.replace(/\d\d$/, '45');
const IN_MONTHS = 10 * 24_000 + 4 * 9_950;
const TOTAL_MINOR = IN_MONTHS + (IN_MONTHS * 19) / 100;
const TOTAL = '3,329.62';

/** A small company's own files, as they are: `ten` is no quantity, and no month has 45 days. Its mails leave on any day. */
const BOOK: Readonly<Record<string, string>> = {
  'entities.csv': `entity,legal_name,address_line1,city,postal_code,country,tax_id,currency,time_zone,iban,invoice_series,next_number
HARBOUR,Harbour Software GmbH,Am Sandtorkai 5,Hamburg,20457,DE,DE136695976,EUR,Europe/Berlin,DE89370400440532013000,HB,41
`,
  'policies.csv': `scope,id,policy,value
entity,HARBOUR,holidays,weekend=none
`,
  'accounts.csv': `account,name,entity,currency,language,address_line1,city,postal_code,country,billing_email
H-1,Albers Shipyard,HARBOUR,EUR,en,Werftstrasse 1,Bremen,28195,DE,invoices@albers.example
H-2,Brook Marine,HARBOUR,EUR,en,Kaistrasse 2,Kiel,24103,DE,invoices@brook.example
H-3,Cordes Engines,HARBOUR,EUR,en,Ringstrasse 3,Rostock,18055,DE,invoices@cordes.example
`,
  'products.csv': `sku,name,kind,unit
HULL-MNT,Hull Designer maintenance,maintenance,seat
RIG-MNT,Rig Planner maintenance,maintenance,seat
`,
  'prices.csv': `price_list,sku,currency,unit_price,valid_from
default,HULL-MNT,EUR,240.00,2020-01-01
default,RIG-MNT,EUR,99.50,2020-01-01
`,
  'taxes.csv': `country,category,rate
DE,S,19
`,
  'contracts.csv': `contract,account,start,end,entity,currency,billing_frequency
HC-1,H-1,${START},${END},HARBOUR,EUR,annual
HC-2,H-2,${START},${END},HARBOUR,EUR,annual
HC-3,H-3,${START},${NO_DAY},HARBOUR,EUR,annual
`,
  'subcontracts.csv': `subcontract,contract,sku,quantity
HS-1,HC-1,HULL-MNT,ten
HS-2,HC-1,RIG-MNT,4
HS-3,HC-2,HULL-MNT,2
HS-4,HC-3,RIG-MNT,7
`,
};

const papers = mkdtempSync(join(tmpdir(), 'perennial-papers-'));
let biller: Page;
let approver: Page;
let mailbox: Page;
let invoice = '';

let failed = false;
/** A step of the day; where an earlier one failed it does not wait in vain. */
function step(name: string, live: () => Promise<void>): void {
  it(name, async () => {
    if (failed) throw new Error('An earlier step of this day failed.');
    failed = true;
    await live();
    failed = false;
  });
}

const asFiles = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([name, text]) => ({
    name,
    mimeType: 'text/csv',
    buffer: Buffer.from(text),
  }));

/** Leaves a contract out of the run or holds it, from its sheet. */
async function decide(contract: string, button: 'Leave out' | 'Hold', reason: string) {
  await product.open(biller, `/bill-runs/${RUN_MONTH}?q=${contract}`, /Bill run of/);
  const table = biller.getByRole('table', { name: 'Contracts of the run' });
  await table.locator('tbody tr', { hasText: contract }).first().click();
  const sheet = biller.getByRole('dialog', { name: contract, exact: true });
  await sheet.getByRole('button', { name: button }).click();
  const form = biller.getByRole('dialog', { name: new RegExp(`: ${contract}$`) });
  await form.getByRole('textbox').fill(reason);
  await form.getByRole('button', { name: button }).click();
  await form.waitFor({ state: 'hidden' });
  await sheet.getByText(reason).waitFor();
}

/** Opens the caught mail whose subject begins so; looks again until it has come. */
async function openMail(subject: string): Promise<void> {
  await eventually(`a mail "${subject}…"`, async () => {
    await mailbox.goto(product.printed('Mail'));
    await mailbox.getByPlaceholder('Search emails').fill(subject);
    // The list moves while mails come in, so that a click may open another: what counts is what is open.
    try {
      await mailbox.getByText(subject).first().click({ timeout: 5_000 });
      await mailbox.getByRole('heading', { name: subject }).waitFor({ timeout: 5_000 });
      return true;
    } catch (error) {
      if (error instanceof errors.TimeoutError) return false;
      throw error;
    }
  });
}

/** Blanks of every kind as one: numbers and their currency are held together by special ones. */
const plain = (text: string) => text.replace(/\s+/g, ' ');

/** What the open mail says in its HTML. */
async function mailText(): Promise<string> {
  const body = mailbox.frameLocator('iframe[title="Email HTML content"]').locator('body');
  return eventually('the text of the mail', async () =>
    plain((await body.textContent()) ?? '').trim(),
  );
}

describe('the first day', () => {
  beforeAll(async () => {
    biller = product.person('biller');
    approver = product.person('approver');
    mailbox = await product.look();
  });
  afterAll(() => rmSync(papers, { recursive: true, force: true }));

  step('takes the sample company out, before anything of it is billed', async () => {
    await product.open(biller, '/', /for you|Nothing needs you/);
    await biller.getByText('This is a sample company').waitFor();
    await biller.getByRole('link', { name: 'Import page' }).click();
    await biller.getByRole('heading', { level: 1, name: 'Import' }).waitFor();
    await biller.getByRole('button', { name: 'Remove the sample company' }).click();
    const sure = biller.getByRole('dialog', { name: 'Remove the sample company' });
    await sure.getByText(/out with all their history/).waitFor();
    await sure.getByRole('button', { name: 'Remove it' }).click();
    await sure.waitFor({ state: 'hidden' });
    await biller.getByText('No book has been imported yet').waitFor();
  });

  step('brings the own book: one mistake mended in place, one in the corrected file', async () => {
    await biller.getByLabel('Files to import').setInputFiles(asFiles(BOOK));
    await biller.getByText('2 faults').waitFor();

    const row = biller.getByRole('region', { name: 'subcontracts.csv row 2' });
    await row.getByText(/must be a number/).waitFor();
    await row.getByLabel('quantity').fill('10');
    await row.getByRole('button', { name: 'Correct the row' }).click();
    await row.waitFor({ state: 'detached' });

    const loading = biller.waitForEvent('download');
    await biller.getByRole('button', { name: 'Corrected file' }).click();
    await biller.getByRole('menuitem', { name: 'As CSV files (.zip)' }).click();
    const archive = join(papers, 'corrected.zip');
    await (await loading).saveAs(archive);
    const back = unzipSync(readFileSync(archive));
    const text = (name: string) => Buffer.from(back[name] ?? []).toString();
    expect(text('subcontracts.csv')).toContain('HS-1,HC-1,HULL-MNT,10');
    expect(text('perennial-errors.csv')).toContain(`contracts.csv,4,end,${NO_DAY}`);
    const corrected = text('contracts.csv').replace(NO_DAY, END);
    await biller.getByLabel('Files to add').setInputFiles(asFiles({ 'contracts.csv': corrected }));
    await biller.getByText('Nothing is wrong').waitFor();
  });

  step('shows what will happen before anything is written, and imports it', async () => {
    await biller.getByLabel('Cut-over date').fill(START);
    await biller.getByRole('button', { name: 'Show what will happen' }).click();
    const summary = biller.getByRole('region', { name: 'Summary' });
    await summary.getByText('4,729.66 EUR in 3 documents').waitFor();
    await product.open(approver, '/accounts?q=Albers', 'Customers');
    await approver.getByText('Nothing fits these filters').waitFor();
    await summary.getByRole('button', { name: /^Import \d+ rows/ }).click();
    await biller.getByText('The book is imported').waitFor();
    await biller.getByRole('status').getByRole('link', { name: 'customers' }).click();
    await biller.getByRole('heading', { level: 1, name: 'Customers' }).waitFor();
    await product.open(biller, '/accounts/H-1', 'Albers Shipyard');
  });

  step('reviews the month, leaves one out, holds one, and submits the rest', async () => {
    await product.open(biller, '/bill-runs', 'Bill runs');
    await biller.getByRole('button', { name: 'Compute a month' }).click();
    await biller.getByLabel('Month', { exact: true }).fill(RUN_MONTH);
    await biller.getByRole('button', { name: 'Compute', exact: true }).click();
    await biller.getByRole('button', { name: 'Submit for approval' }).waitFor();
    await decide('HC-2', 'Leave out', 'Brook asked for a new offer');
    await decide('HC-3', 'Hold', 'Their order number is missing');
    await product.open(biller, `/bill-runs/${RUN_MONTH}`, /Bill run of/);
    await biller.getByText('It adds up').waitFor();
    await biller.getByRole('button', { name: 'Submit for approval' }).click();
    const submit = biller.getByRole('dialog', { name: 'Submit for approval' });
    await submit.getByText(/Issues 1 invoice for/).waitFor();
    await submit.getByRole('button', { name: 'Submit' }).click();
    await biller.getByText('It waits for a second person').waitFor();
  });

  step('is approved by a second person, who sees the same numbers', async () => {
    await product.open(approver, '/', /decisions? for you/);
    await approver.getByRole('button', { name: 'Approve', exact: true }).click();
    await approver.waitForURL(`${product.dashboard}/bill-runs/${RUN_MONTH}`);
    const code = (await biller.locator('.code').first().textContent()) ?? '';
    expect(code).toMatch(/^[0-9A-F]{4}-[0-9A-F]{4}$/);
    await approver.locator('.code', { hasText: code }).waitFor();
    await approver.getByRole('button', { name: 'Approve', exact: true }).click();
    await approver.getByRole('button', { name: 'Approve and issue' }).click();
    await approver.getByText('1 document issued').waitFor({ timeout: 300_000 });
    // The biller's page has followed by itself.
    await biller.getByText('1 document issued').waitFor();
    await approver.goto(`${product.dashboard}/bill-runs/${RUN_MONTH}?q=HC-2`);
    await approver.getByText('Left out', { exact: true }).waitFor();
    for (const contract of ['HC-2', 'HC-3']) {
      await product.open(biller, `/contracts/${contract}?tab=invoices`, contract);
      await biller.getByText('Nothing billed yet').waitFor();
    }
  });

  step('finds the invoice, with its number, and its process in Temporal', async () => {
    await product.open(biller, `/bill-runs/${RUN_MONTH}?q=HC-1`, /Bill run of/);
    const table = biller.getByRole('table', { name: 'Contracts of the run' });
    const link = table.locator('tr', { hasText: 'Albers' }).getByRole('link', { name: /^HB-/ });
    invoice = (await link.textContent()) ?? '';
    expect(invoice).toMatch(/^HB-\d{4}-00041$/);
    await link.click();
    await biller.getByRole('heading', { level: 1, name: invoice }).waitFor();
    await biller.getByText(`Waiting for ${TOTAL} EUR`).waitFor();
    await biller.getByRole('tab', { name: 'Paper' }).click();
    await biller.getByRole('link', { name: 'Open the PDF' }).waitFor();
    const operators = biller.getByRole('link', { name: /process in Temporal/ });
    const temporal = await product.look();
    await temporal.goto((await operators.getAttribute('href')) ?? '');
    await temporal.getByRole('heading', { name: `invoice:HC-1:${RUN_MONTH}` }).waitFor();
    await temporal.getByText('Running').first().waitFor();
    await temporal.close();
  });

  step('opens the mail and the paper in it', async () => {
    await openMail(`Invoice ${invoice}`);
    expect(await mailText()).toContain(`${TOTAL} EUR`);
    const attached = mailbox.getByRole('link', { name: `${invoice}.pdf` });
    const href = (await attached.getAttribute('href')) ?? '';
    const paper = await mailbox.request.get(new URL(href, mailbox.url()).href);
    expect(paper.status()).toBe(200);
    const document = await getDocumentProxy(new Uint8Array(await paper.body()));
    const { text } = await extractText(document, { mergePages: true });
    for (const said of [
      invoice,
      TOTAL,
      'Albers Shipyard',
      'Harbour Software GmbH',
      'Hull Designer',
    ])
      expect(plain(text)).toContain(said);
  });

  step('is paid by card, and the customer gets keys that are valid', async () => {
    const event = ['webhook', 'trigger', 'payment_intent.succeeded', '--invoice', invoice];
    const sum = ['--amount', String(TOTAL_MINOR), '--currency', 'EUR', '--account', 'H-1'];
    const sent = await product.command(...event, ...sum);
    expect(sent.code, sent.stderr).toBe(0);
    await eventually('the invoice is paid', async () => {
      await product.open(biller, `/invoices/${invoice}`, invoice);
      return (await biller.getByText('Paid', { exact: true }).count()) > 0;
    });
    await openMail('2 license keys for Hull Designer');
    const [key] = /key\/[\w-]+\.[\w-]{86}/.exec(await mailText()) ?? [];
    expect(key).toBeDefined();
    const publicKeys = await biller.request.get(
      `${product.dashboard}/api/v1/public/licenses/public-keys`,
    );
    const { keys } = (await publicKeys.json()) as { keys: { publicKey: string }[] };
    const publicKey = join(papers, 'public.pem');
    writeFileSync(publicKey, keys[0]?.publicKey ?? '');
    const verify = ['license', 'verify', key ?? '', '--public-key', publicKey, '--json', '--on'];
    const checked = await product.command(...verify, START);
    expect(checked.code, checked.stderr).toBe(0);
    expect(JSON.parse(checked.stdout)).toMatchObject({
      code: 'valid',
      claims: { account: 'H-1', kind: 'full', validFrom: START, validThrough: END },
    });
    const late = await product.command(...verify, addDays(END, 1));
    expect(JSON.parse(late.stdout)).toMatchObject({ valid: false, code: 'expired' });
  });

  step('owes nothing: the statement shows both sums and ends at zero', async () => {
    await product.open(biller, '/accounts/H-1?tab=statement', 'Albers Shipyard');
    const moved = biller.getByRole('table', { name: 'Movements in EUR' });
    await moved.getByText(invoice).first().waitFor();
    const sums = (await moved.locator('tbody td.num').allTextContents()).map((sum) => sum.trim());
    expect(sums.map((sum) => sum.replace('\u2212', '-'))).toEqual(['0.00', TOTAL, `-${TOTAL}`]);
    expect((await moved.locator('tfoot td.num').textContent())?.trim()).toBe('0.00');
    expect(product.complaints).toEqual([]);
  });
});
