/** `book preview`, `book forecast`: what faulty rows name is set aside, never billed without them. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readBook } from '../../connectors/book/read.ts';
import { type Files, folder } from '../connectors/book/books.ts';

const BIN = fileURLToPath(new URL('../../cli/bin.mjs', import.meta.url));
const json = (args: readonly string[]) => {
  const child = spawnSync(process.execPath, [BIN, '--json', ...args], { encoding: 'utf8' });
  return { code: child.status, answer: JSON.parse(child.stdout), stderr: child.stderr };
};
const CONTRACTS =
  'contract,account,start,end\nC-1,A-1,2026-01-01,2026-12-31\nC-2,A-1,2026-01-01,2026-12-31\n';
const damagedBy = async (files: Files) => {
  const { damaged } = await readBook(await folder({ contracts: CONTRACTS, ...files }));
  return [...damaged].map(([contract, reason]) => `${contract}: ${reason}`);
};

describe('rows that can not be used damage the contracts that they name', () => {
  it('a subcontract with a negative quantity, a date that is none, or a cell too many', async () => {
    const faulty = (row: string) =>
      damagedBy({
        subcontracts: `subcontract,contract,sku,quantity,start\nS-1,C-1,M-1,2,\n${row}\n`,
      });
    expect(await faulty('S-2,C-2,M-1,-3,')).toEqual([
      'C-2: subcontracts.csv row 3: quantity "-3" must not be negative. Correct them and run again',
    ]);
    expect((await faulty('S-2,C-2,M-1,3,2026-02-30'))[0]).toContain(
      'C-2: subcontracts.csv row 3: start',
    );
    expect((await faulty('S-2,C-2,M-1,3,5,2026-02-01'))[0]).toContain(
      'C-2: subcontracts.csv row 3',
    );
  });
  it('an amendment, an event of usage, service time', async () => {
    const subcontracts = 'subcontract,contract,sku,quantity\nS-1,C-1,M-1,2\nS-2,C-2,M-1,2\n';
    expect(
      (
        await damagedBy({
          subcontracts,
          amendments:
            'amendment,subcontract,kind,value,effective\nAM-1,S-2,price,much,2026-02-01\n',
        })
      )[0],
    ).toContain('C-2: amendments.csv row 2: value "much"');
    expect(
      (
        await damagedBy({
          subcontracts,
          usage: 'event,subcontract,metric,quantity,at\nE-1,S-1,M-1,1,yesterday\n',
        })
      )[0],
    ).toContain('C-1: usage.csv row 2: at "yesterday"');
    expect(
      (
        await damagedBy({
          subcontracts,
          timesheets: 'entry,account,date,hours,rate,contract\nT-1,A-1,2026-01-01,one,5,C-1\n',
        })
      )[0],
    ).toContain('C-1: timesheets.csv row 2: hours "one"');
  });
  it('history: a document or line that is left out would be billed again', async () => {
    const invoices = (issued: string) =>
      `invoice,account,issued,contract\nI-1,A-1,${issued},\nI-2,A-1,2026-01-01,C-2\n`;
    const lines = (net: string) =>
      `invoice,line,subcontract,period_start,net\nI-1,1,S-1,2026-01-01,200.00\nI-2,1,,2026-01-01,${net}\n`;
    const both = await damagedBy({ invoices: invoices('soon'), invoice_lines: lines('1e5') });
    expect(both.map((told) => told.slice(0, 4))).toEqual(['C-1:', 'C-2:']);
    expect(
      await damagedBy({ invoices: invoices('2026-01-01'), invoice_lines: lines('1.00') }),
    ).toEqual([]);
  });
  it('a contract row itself, and a duplicate of it', async () => {
    const twice = `${CONTRACTS}C-2,A-1,2026-01-01,2027-12-31\n`;
    expect((await damagedBy({ contracts: twice }))[0]).toContain('C-2: contracts.csv row 4');
  });
});

describe('perennial book preview and forecast, as processes', () => {
  it('bill the others and set the damaged contract aside as row-invalid', async () => {
    const dir = await folder({
      contracts: CONTRACTS,
      subcontracts:
        'subcontract,contract,sku,quantity\nS-1,C-1,M-1,2\nS-2,C-2,M-1,-2\nS-3,C-2,M-1,1\n',
    });
    const preview = json(['book', 'preview', dir, '--run', '2026-01-15']);
    expect(preview.code).toBe(0);
    expect(preview.answer.setAside).toMatchObject([{ contract: 'C-2', code: 'row-invalid' }]);
    expect(preview.answer.setAside[0].reason).toContain('subcontracts.csv row 3: quantity "-2"');
    expect(preview.answer.invoices).toMatchObject([{ contract: 'C-1', net: 20000 }]);
    const coming = json(['book', 'forecast', dir, '--from', '2026-01-01', '--months', '2']);
    expect(coming.code).toBe(0);
    expect(coming.answer).toMatchObject({
      from: '2026-01-01',
      months: [
        { month: '2026-01', currency: 'EUR', billings: 20000, cash: 0, earned: 1699 },
        { month: '2026-02', currency: 'EUR', billings: 0, cash: 23800, earned: 1534 },
      ],
      setAside: [{ contract: 'C-2', code: 'row-invalid' }],
    });
    expect(
      json(['book', 'preview', dir, '--run', '2026-01-15', '--contract', 'C-2']).answer.setAside,
    ).toMatchObject([{ contract: 'C-2', code: 'row-invalid' }]);
  });
});
