/**
 * A labelled set of remittances with the noise of real bank statements, made from a seed. Each scenario starts from what
 * the customer meant (the label) and only then writes the payment, so labels do not come from the code under test.
 */
import type {
  AllocationCase,
  AllocationPolicy,
  AllocationRule,
  OpenInvoice,
} from '../../../domain/allocation/case.ts';
import { caseOf, invoice } from './cases.ts';

export interface Remittance {
  readonly scenario: string;
  readonly question: AllocationCase;
  /** The rule that settles it and what each invoice receives; null where a person must decide. */
  readonly meant: {
    readonly rule: AllocationRule;
    readonly paid: Readonly<Record<string, number>>;
  } | null;
}

class Dice {
  private state: number;
  constructor(seed: number) {
    this.state = seed;
  }
  /** Mulberry32: a number from 0 to below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }
  some<T>(values: readonly T[], count: number): T[] {
    const left = [...values];
    return Array.from({ length: count }, () => left.splice(this.below(left.length), 1)).flat();
  }
}

const SERIES = [
  (n: number) => `INV-2026-${String(n).padStart(5, '0')}`,
  (n: number) => `RE26${String(n).padStart(6, '0')}`,
  (n: number) => `2026/${String(n).padStart(4, '0')}`,
  (n: number) => String(6_110_000 + n),
];

const BEFORE = ['', 'Rechnung ', 'Rg.-Nr. ', 'SVWZ+', 'payment of invoice ', 'Invoice no: ', 'RF '];
const AFTER = [
  '',
  ' danke',
  ' EUR 1.190,00 abzgl. Skonto',
  ' vom 03.10.2026',
  ' ABWA+ Muster GmbH & Co. KG',
  ' IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX',
  ' EREF+NOTPROVIDED MREF+',
  ' customer 88-1',
  ' Wartung 2026/27',
  ' thx, regards Jane (tel. +49 30 1234567)',
];

/** How people copy a number. */
function copied(dice: Dice, number: string): string {
  switch (dice.below(7)) {
    case 0:
      return number.toLowerCase();
    case 1:
      return number.replace(/[-/]/g, ' ');
    case 2:
      return /[A-Z]/.test(number) ? number.replace(/[-/]/g, '') : number;
    case 3:
      return /[A-Z]/.test(number) ? number.replace(/0/g, 'O') : number;
    case 4:
      return number.replace(/-/g, '–');
    default:
      return number;
  }
}

/** Banks break remittance texts after a fixed width, also inside a number. */
function broken(dice: Dice, text: string): string {
  return dice.below(5) === 0 ? text.replace(/(.{35})(?=.)/g, '$1 ') : text;
}

function written(dice: Dice, numbers: readonly string[]): string {
  const glue = dice.pick([' ', ', ', '; ', ' + ', ' und ', '\n']);
  const list = numbers.map((number) => copied(dice, number)).join(glue);
  return broken(dice, dice.pick(BEFORE) + list + dice.pick(AFTER));
}

interface World {
  readonly dice: Dice;
  readonly all: readonly OpenInvoice[];
  readonly own: readonly OpenInvoice[];
  readonly account: string;
}

/** Six accounts with three to eight open invoices each; numbers of one series, as one entity issues them. */
function worldOf(dice: Dice): World {
  const series = dice.pick(SERIES);
  let number = 100 + dice.below(800);
  const all: OpenInvoice[] = [];
  for (let a = 1; a <= 6; a += 1) {
    const count = 3 + dice.below(6);
    for (let at = 0; at < count; at += 1) {
      number += 1 + dice.below(9);
      const lines = Array.from({ length: 1 + dice.below(4) }, (_, line) => ({
        line: String(line + 1),
        subcontract: `S-${number}-${line + 1}`,
        open: 5_000 + dice.below(900_000),
      }));
      all.push(
        invoice(series(number), 0, {
          account: `A-${a}`,
          contract: `C-${a}${String(1000 + (at >> 1))}`,
          due: `2026-${dice.pick(['08', '09', '10', '11'])}-${String(1 + dice.below(28)).padStart(2, '0')}`,
          lines,
        }),
      );
    }
  }
  const account = `A-${1 + dice.below(6)}`;
  return { dice, all, account, own: all.filter((one) => one.account === account) };
}

const balance = (invoices: readonly OpenInvoice[]) =>
  invoices.reduce((sum, one) => sum + one.balance, 0);
const inFull = (invoices: readonly OpenInvoice[]) =>
  Object.fromEntries(invoices.map((one) => [one.invoice, one.balance]));

type Scenario = (world: World) => Remittance;

function remittance(
  scenario: string,
  { all, account }: World,
  amount: number,
  payment: Parameters<typeof caseOf>[2],
  meant: Remittance['meant'],
  policy: Partial<AllocationPolicy> = {},
): Remittance {
  return { scenario, question: caseOf(amount, all, { account, ...payment }, policy), meant };
}

const named =
  (scenario: string, count: number): Scenario =>
  (world) => {
    const { dice, own } = world;
    const chosen = dice.some(own, Math.min(count, own.length));
    const reference = written(
      dice,
      chosen.map((one) => one.invoice),
    );
    const account = dice.below(6) === 0 ? null : world.account;
    const paid = inFull(chosen);
    return remittance(
      scenario,
      world,
      balance(chosen),
      { reference, account },
      { rule: 'reference', paid },
    );
  };

const short: Scenario = (world) => {
  const { dice, own } = world;
  const one = dice.pick(own);
  const amount = one.balance - 1 - dice.below(3_000);
  const reference = written(dice, [one.invoice]);
  const paid = { [one.invoice]: amount };
  return remittance('paid short', world, amount, { reference }, { rule: 'reference', paid });
};

const excess: Scenario = (world) => {
  const { dice, own } = world;
  const one = dice.pick(own);
  const reference = written(dice, [one.invoice]);
  const amount = one.balance + 1 + dice.below(9_000);
  const paid = inFull([one]);
  return remittance('paid too much', world, amount, { reference }, { rule: 'reference', paid });
};

const byContract: Scenario = (world) => {
  const { dice, own } = world;
  const { contract } = dice.pick(own);
  const chosen = own.filter((one) => one.contract === contract);
  const reference = `Vertrag ${copied(dice, contract ?? '')}${dice.pick(AFTER)}`;
  const paid = inFull(chosen);
  return remittance(
    'contract named',
    world,
    balance(chosen),
    { reference },
    { rule: 'reference', paid },
  );
};

const discounted: Scenario = (world) => {
  const { dice, own } = world;
  const chosen = dice.pick(own);
  const until = '2026-11-20';
  // 2 % of a balance made a multiple of 50 is a whole amount, known without rounding.
  const open = 50 * (100 + dice.below(9_000));
  const agreed = invoice(chosen.invoice, open, {
    account: world.account,
    discount: { percent: '2', until },
    due: chosen.due,
  });
  const all = world.all.map((one) => (one === chosen ? agreed : one));
  const amount = open - open / 50;
  const reference = written(dice, [chosen.invoice]);
  const paid = { [chosen.invoice]: amount };
  return remittance(
    'early-payment discount',
    { ...world, all },
    amount,
    { reference },
    { rule: 'reference', paid },
  );
};

const SILENT = ['', 'Wartung', 'danke', 'your invoice', 'SVWZ+ Zahlung 2026', 'EREF+NOTPROVIDED'];

const silent: Scenario = (world) => {
  const one = world.dice.pick(world.own);
  const reference = world.dice.pick(SILENT);
  const paid = inFull([one]);
  return remittance('no number', world, one.balance, { reference }, { rule: 'exact', paid });
};

const several: Scenario = (world) => {
  const { dice, own } = world;
  const chosen = dice.some(own, 2 + dice.below(own.length - 1));
  const reference = dice.pick(SILENT);
  const paid = inFull(chosen);
  return remittance(
    'several, no number',
    world,
    balance(chosen),
    { reference },
    { rule: 'subset', paid },
  );
};

const oldest: Scenario = (world) => {
  const { dice, own } = world;
  const ordered = [...own].sort((a, b) =>
    `${a.due} ${a.invoice}` < `${b.due} ${b.invoice}` ? -1 : 1,
  );
  const [first, second] = ordered;
  if (first === undefined || second === undefined) throw new Error('accounts have three or more');
  const rest = 1 + dice.below(4_000);
  const paid = { [first.invoice]: first.balance, [second.invoice]: rest };
  const policy = { oldestFirst: true };
  const amount = first.balance + rest;
  return remittance('round amount', world, amount, {}, { rule: 'oldest-first', paid }, policy);
};

const explicit: Scenario = (world) => {
  const { dice, own } = world;
  const [one, other] = dice.some(own, 2);
  const line = one?.lines[0];
  if (one === undefined || other === undefined || line === undefined) throw new Error('no lines');
  const lines = [
    { invoice: one.invoice, line: line.line, amount: line.open },
    { invoice: other.invoice, amount: other.balance },
  ];
  const paid = { [one.invoice]: line.open, [other.invoice]: other.balance };
  const amount = line.open + other.balance + dice.below(2) * 500;
  return remittance('metadata', world, amount, { lines }, { rule: 'explicit', paid });
};

const doubtful: Scenario = (world) => {
  const { dice, own, all } = world;
  const one = dice.pick(own);
  const strangers = all.filter(({ account }) => account !== world.account);
  const other = dice.pick(strangers);
  switch (dice.below(4)) {
    case 0: // a number that was paid long ago, beside an open one
      return remittance(
        'unknown number',
        { ...world, all: all.filter((open) => open !== other) },
        one.balance + other.balance,
        { reference: `${one.invoice}, ${other.invoice}` },
        null,
      );
    case 1:
      return remittance(
        'mention of another account',
        world,
        other.balance,
        { reference: other.invoice },
        null,
      );
    case 2:
      return remittance(
        'another currency',
        world,
        one.balance,
        { reference: one.invoice, currency: 'USD' },
        null,
      );
    default:
      return remittance('nothing fits', world, 4_999, { reference: 'Wartung' }, null);
  }
};

/** How often each scenario comes in a hundred remittances. */
const MIX: readonly (readonly [number, Scenario])[] = [
  [32, named('one number', 1)],
  [12, named('two numbers', 2)],
  [8, named('four numbers', 4)],
  [5, byContract],
  [5, short],
  [4, excess],
  [5, discounted],
  [12, silent],
  [4, several],
  [4, oldest],
  [6, explicit],
  [3, doubtful],
];

/** @returns the remittances of a seed; the same seed gives the same ones. */
export function remittances(seed: number, hundreds: number): Remittance[] {
  const dice = new Dice(seed);
  const made: Remittance[] = [];
  for (let round = 0; round < hundreds; round += 1)
    for (const [count, scenario] of MIX)
      for (let at = 0; at < count; at += 1) made.push(scenario(worldOf(dice)));
  return made;
}
