/**
 * The dashboard with the sample company, for two people. The biller reviews a run, leaves a contract out and submits; the
 * approver sees the same numbers and refuses them; every page is looked at. Part of browser.test.ts.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Product, product, RUN_MONTH } from './product.ts';

const { complaints } = product;
let biller: Page;
let approver: Page;

const dashboard = () => product.dashboard;
const open: Product['open'] = (...asked) => product.open(...asked);

/** Findings of axe that keep somebody from using the page. */
async function barriers(page: Page): Promise<string[]> {
  // In the page itself, since frames are left out; only what is wrong is told, which is most of its work saved.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .exclude('iframe')
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
}

describe('the dashboard, in a browser', () => {
  beforeAll(() => {
    biller = product.person('biller');
    approver = product.person('approver');
  });

  const run = `/bill-runs/${RUN_MONTH}`;
  let leftOut = '';

  it('computes a month and shows its exceptions, its control sheet and why an amount is what it is', async () => {
    await open(biller, '/bill-runs', 'Bill runs');
    await biller.getByRole('button', { name: 'Compute a month' }).click();
    await biller.getByLabel('Month', { exact: true }).fill(RUN_MONTH);
    await biller.getByRole('button', { name: 'Compute', exact: true }).click();
    await biller.waitForURL(`${dashboard()}${run}?begun=1`);
    await biller.getByRole('button', { name: 'Submit for approval' }).waitFor();
    await biller.getByText('It adds up').waitFor();
    const row = biller.getByRole('table', { name: 'Contracts of the run' }).locator('tbody tr');
    leftOut = /C-\d+/.exec((await row.first().textContent()) ?? '')?.[0] ?? '';
    expect(leftOut).toMatch(/^C-\d+$/);
    await row.first().click();
    const sheet = biller.getByRole('dialog', { name: leftOut });
    await sheet.getByText('Why this amount').first().click();
    await sheet
      .getByText(/Rule: .*billing rules §/)
      .first()
      .waitFor();
  });

  it('leaves a contract out with a reason, and submits the rest under a short code', async () => {
    const sheet = biller.getByRole('dialog', { name: leftOut });
    await sheet.getByRole('button', { name: 'Leave out' }).click();
    const form = biller.getByRole('dialog', { name: `Leave out of this run: ${leftOut}` });
    await form.getByRole('button', { name: 'Leave out' }).click();
    await form.getByText('Fill this in').waitFor();
    await form.getByRole('textbox').fill('The customer disputes the quantity');
    await form.getByRole('button', { name: 'Leave out' }).click();
    await biller.getByText('Left out by a person').first().waitFor();
    await biller.keyboard.press('Escape');
    await biller.getByRole('button', { name: 'Submit for approval' }).click();
    const submit = biller.getByRole('dialog', { name: 'Submit for approval' });
    await submit.getByText(/Issues \d+ invoices? for/).waitFor();
    await submit.getByRole('button', { name: 'Submit' }).click();
    await biller.getByText('It waits for a second person').waitFor();
    expect(await biller.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);
  });

  it('lets a second person see exactly these numbers, and refuse them with a reason', async () => {
    await open(approver, '/', /decisions? for you/);
    await approver.getByRole('button', { name: 'Approve', exact: true }).click();
    await approver.waitForURL(`${dashboard()}${run}`);
    const code = await biller.locator('.code').first().textContent();
    expect(code).toMatch(/^[0-9A-F]{4}-[0-9A-F]{4}$/);
    await approver.locator('.code', { hasText: code ?? '' }).waitFor();
    await approver.getByRole('button', { name: 'Refuse' }).click();
    const form = approver.getByRole('dialog', { name: /Refuse/ });
    await form.getByRole('textbox').fill('A price list is missing');
    await form.getByRole('button', { name: 'Refuse' }).click();
    await approver.getByText('Refused. It is in review again.').waitFor();
    await open(biller, run, /Bill run of/);
    await biller.getByText('Sent back: A price list is missing').waitFor();
  });

  it('shows who owes, and what happened to a contract and what comes next', async () => {
    await open(biller, '/receivables', 'Receivables');
    const owes = biller.getByRole('table', { name: 'Customers who owe' });
    await owes.getByText(/Total of \d+/).waitFor();
    await owes.locator('tbody tr').first().click();
    await biller.getByRole('table', { name: 'Open invoices' }).waitFor();
    await open(biller, `/contracts/${leftOut}`, leftOut);
    expect(await biller.locator('.timeline li.now').count()).toBe(1);
    expect(await biller.locator('.timeline li.planned').count()).toBeGreaterThan(0);
  });

  it('moves by keys: j and Enter open the first row, ? lists the keys', async () => {
    await open(biller, '/contracts', 'Contracts');
    await biller.getByRole('table', { name: 'contracts' }).locator('tbody tr').first().waitFor();
    await biller.keyboard.press('j');
    await biller.keyboard.press('Enter');
    await biller.getByRole('dialog').getByText('Open the whole page').waitFor();
    await biller.keyboard.press('Escape');
    await biller.getByRole('dialog').waitFor({ state: 'hidden' });
    await biller.keyboard.press('?');
    await biller.getByText('Search everywhere').first().waitFor();
  });

  it('tells who saves second what the first one changed, and keeps what they typed', async () => {
    const other = await biller.context().newPage();
    const begin = async (page: Page, phone: string) => {
      await open(page, '/accounts/A-1001?tab=contacts', /./);
      await page
        .getByRole('button', { name: /^Change / })
        .first()
        .click();
      const form = page.getByRole('dialog', { name: /^Change / });
      await form.getByLabel('Phone').fill(phone);
      return form;
    };
    const late = await begin(biller, '+49 30 222');
    const early = await begin(other, '+49 30 111');
    await early.getByRole('button', { name: 'Change' }).click();
    await early.waitFor({ state: 'hidden' });
    await late.getByRole('button', { name: 'Change' }).click();
    await late.getByText(/Phone is now “\+49 30 111”/).waitFor();
    expect(await late.getByLabel('Phone').inputValue()).toBe('+49 30 222');
    await late.getByRole('button', { name: 'Change' }).click();
    await late.waitFor({ state: 'hidden' });
    await other.reload();
    await other.getByText('+49 30 222').waitFor();

    const admin = await product.signIn('admin');
    await open(admin, '/company', 'Company');
    await admin.getByLabel('Street').fill('Seven Second Street');
    await admin.getByLabel('Why').fill('moved');
    const second = await admin.context().newPage();
    await open(second, '/company', 'Company');
    await second.getByLabel('Street').fill('One First Street');
    await second.getByLabel('Why').fill('moved too');
    await second.getByRole('button', { name: 'Save the company' }).click();
    await second.getByText('The company is saved').waitFor();
    await admin.getByRole('button', { name: 'Save the company' }).click();
    const told = admin.getByRole('alert');
    await told.getByText(/Street is now “One First Street”.*“Seven Second Street”/).waitFor();
    await told.getByRole('button', { name: 'Go on with mine' }).click();
    await admin.getByRole('button', { name: 'Save the company' }).click();
    await admin.getByText('The company is saved').waitFor();
    await second.reload();
    await expect
      .poll(() => second.getByLabel('Street').inputValue(), { timeout: 60_000 })
      .toBe('Seven Second Street');
    await other.close();
    await admin.context().close();
  });

  const PAGES: readonly (readonly [string, string | RegExp])[] = [
    ['/', /for you|Nothing needs you/],
    ['/bill-runs', 'Bill runs'],
    [run, /Bill run of/],
    ['/receivables', 'Receivables'],
    ['/cash', 'Cash'],
    ['/cash/bank-file', 'Bank file'],
    ['/cash/closing', 'Closing'],
    ['/renewals', 'Renewals'],
    ['/purchase-orders', 'Purchase orders'],
    ['/contracts', 'Contracts'],
    ['/contracts/C-1001?tab=subcontracts', 'C-1001'],
    ['/accounts', 'Customers'],
    ['/invoices', 'Invoices'],
    ['/findings', 'Findings'],
    ['/findings/F-1', /^F-1/],
    ['/findings/found', /Found/],
    ['/accounts/A-1001', /./],
    ['/corrections', 'Corrections'],
    ['/import', 'Import'],
    ['/company', 'Company'],
    ['/rehearsals', 'Rehearsal'],
    ['/settings', 'Settings'],
  ];

  it('keeps nobody out: no serious finding of axe, and nothing wider than a phone', async () => {
    const found: Record<string, unknown> = {};
    for (const [path, title] of PAGES) {
      await biller.setViewportSize({ width: 1280, height: 860 });
      await open(biller, path, title);
      await biller.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
      const serious = await barriers(biller);
      if (serious.length > 0) found[path] = serious;
      await biller.setViewportSize({ width: 390, height: 844 });
      // Charts follow the window a moment later.
      await biller.waitForTimeout(300);
      const [wide, shown] = (await biller.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      )) as [number, number];
      if (wide > shown) found[`${path} at 390`] = `${wide} wide`;
    }
    expect(found).toEqual({});
  });

  it('complained of nothing and loaded nothing from elsewhere', () => {
    expect(complaints).toEqual([]);
  });
});
