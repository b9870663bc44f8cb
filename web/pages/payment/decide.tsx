/** Ranked candidates with their reasons: take some, split over lines, keep the rest as credit; by mouse or by keys alone. */
import { Button, Checkbox, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { CandidateView, CaseProposal, PaymentPage } from '../../../api/types.ts';
import { part, withQuery, write } from '../../data/client.ts';
import { useAction, useRead } from '../../data/reading.ts';
import { Go, pathOf } from '../../parts/link.tsx';
import { Panel } from '../../parts/page.tsx';
import { Empty, ProblemPanel, RowSkeletons } from '../../parts/states.tsx';
import { isTyping } from '../../parts/table.tsx';
import { dayText } from '../../words/dates.ts';
import { amountText, decimalText, moneyText, parseAmount } from '../../words/money.ts';
import {
  type Decision,
  decisionOf,
  isTaken,
  overLines,
  placeOf,
  type Rest,
  type Rests,
  type Split,
  withInvoice,
  without,
} from './split.ts';

interface Props {
  readonly payment: PaymentPage;
  /** Takes back what is allocated first: all of the payment can go elsewhere. */
  readonly moving: boolean;
  readonly done: () => void;
}

export function Decide({ payment, moving, done }: Props) {
  const { currency } = payment.amount;
  const whole = moving ? payment.amount.amount - payment.refunded.amount : payment.unapplied.amount;
  const [split, setSplit] = useState<Split>({});
  const [rests, setRests] = useState<Rests>({});
  const [q, setQ] = useState('');
  const [typedReason, setReason] = useState<string | null>(null);
  const [account, setAccount] = useState('');
  const { candidates, searching, error } = useCandidates(payment, q);
  const decision = decisionOf(split, whole, currency, rests);
  const reason = typedReason ?? reasonFor(candidates, split, decision, q.trim());
  const why = useRef<HTMLInputElement>(null);
  const act = useAction(
    (input: unknown, key) =>
      write('POST', `/payments/${part(payment.payment)}/${moving ? 'move' : 'allocate'}`, input, {
        key,
      }),
    done,
  );
  const ready =
    !decision.faulty && reason.trim().length >= 3 && !(moving && decision.lines.length === 0);
  const submit = () => {
    if (act.isPending) return;
    if (!ready) {
      if (reason.trim().length < 3) why.current?.focus();
      return;
    }
    const whose = account.trim() === '' ? {} : { account: account.trim() };
    const lines = decision.lines;
    const what = moving ? { from: null, to: lines } : { lines };
    act.mutate({ ...what, ...whose, reason: reason.trim() });
  };
  const toggle = (candidate: CandidateView) =>
    setSplit(
      isTaken(split, candidate.invoice.invoice)
        ? without(split, candidate.invoice.invoice)
        : withInvoice(split, candidate, decision.leftMinor),
    );
  const takeReading = (proposal: CaseProposal) =>
    setSplit(
      Object.fromEntries(
        proposal.allocations.map(({ invoice, amount }) => [placeOf(invoice), decimalText(amount)]),
      ),
    );
  const readings = moving ? [] : readingsOf(payment);
  const [at, setAt] = useCaseKeys({
    count: candidates.length,
    toggle: (index) => candidates[index] !== undefined && toggle(candidates[index]),
    lines: (index) =>
      candidates[index] !== undefined &&
      setSplit(overLines(split, candidates[index], decision.leftMinor)),
    reading: (index) => readings[index] !== undefined && takeReading(readings[index].proposal),
    submit,
  });
  return (
    <Panel title={moving ? 'Where does it go instead?' : 'What does it pay?'}>
      <Stack gap="md">
        {readings.map(({ title, proposal }, index) => (
          <Reading
            key={title}
            index={index}
            title={title}
            proposal={proposal}
            take={() => takeReading(proposal)}
          />
        ))}
        <TextInput
          data-search
          aria-label="Find another open invoice"
          placeholder="Find another: number, customer, contract"
          leftSection={<IconSearch size={16} />}
          value={q}
          onChange={(event) => setQ(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' && event.key !== 'ArrowDown') return;
            setAt(0);
            event.currentTarget.blur();
            event.preventDefault();
          }}
        />
        {error !== null && <ProblemPanel error={error} />}
        {searching && <RowSkeletons rows={3} />}
        {!searching && error === null && candidates.length === 0 && (
          <Empty title={q === '' ? 'No open invoice fits' : 'Nothing open is called so'}>
            {q === ''
              ? 'Find one by number or customer above, or keep the money as the customer’s credit.'
              : `Only open invoices in ${currency} are found.`}
          </Empty>
        )}
        <div role="listbox" aria-label="Open invoices" className="candidates">
          {candidates.map((candidate, index) => (
            <Candidate
              key={candidate.invoice.invoice}
              candidate={candidate}
              split={split}
              at={index === at}
              toggle={() => {
                setAt(index);
                toggle(candidate);
              }}
              change={setSplit}
              rest={rests[candidate.invoice.invoice]?.rest ?? 'open'}
              keep={(rest) => {
                const { invoice, balance } = candidate.invoice;
                setRests({ ...rests, [invoice]: { rest, openMinor: balance.amount } });
              }}
              overLines={() => setSplit(overLines(split, candidate, decision.leftMinor))}
            />
          ))}
        </div>
        <Outcome decision={decision} currency={currency} moving={moving} />
        {payment.account === null && !moving && decision.leftMinor > 0 && (
          <TextInput
            label="Whose credit is the rest?"
            description={
              decision.lines.length === 0
                ? 'The customer number, like A-1001'
                : 'Where it stays empty: the customer’s whose invoices it pays'
            }
            value={account}
            onChange={(event) => setAccount(event.currentTarget.value)}
          />
        )}
        <TextInput
          ref={why}
          label="Why (kept with the payment)"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {act.error !== null && <ProblemPanel error={act.error} />}
        <div className="act-bar reach">
          <Button loading={act.isPending} disabled={!ready} onClick={submit}>
            {moving ? 'Move' : decision.lines.length === 0 ? 'Keep it as credit' : 'Allocate'}
          </Button>
          <Text className="small dim keys-hint">
            <span className="key">j k</span> move <span className="key">x</span> take{' '}
            <span className="key">e</span> amount <span className="key">l</span> lines{' '}
            <span className="key">1</span> reading <span className="key">/</span> find{' '}
            <span className="key">a</span> {moving ? 'move' : 'allocate'}
          </Text>
        </div>
      </Stack>
    </Panel>
  );
}

/** The page's own candidates, or those that a search finds. */
function useCandidates(payment: PaymentPage, q: string) {
  const [asked] = useDebouncedValue(q.trim(), 250);
  const path = withQuery(`/payments/${part(payment.payment)}/candidates`, { q: asked });
  const found = useRead<{ items: CandidateView[] }>(path, asked !== '');
  if (asked === '') return { candidates: payment.candidates, searching: false, error: null };
  return {
    candidates: found.data?.items ?? [],
    searching: found.isPending,
    error: found.error,
  };
}

/** The readings of the rules, and what remittance advices of this payment say. */
function readingsOf(payment: PaymentPage): { title: string; proposal: CaseProposal }[] {
  const read = payment.proposals.map((proposal, index) => ({
    title: `Reading ${index + 1}`,
    proposal,
  }));
  const papers = payment.papers.flatMap(({ fileName, lines, total }) => {
    const allocations = lines.flatMap(({ invoice, amount }) =>
      amount === null ? [] : [{ invoice, amount }],
    );
    const { currency } = payment.amount;
    const amount = allocations.reduce((sum, one) => sum + one.amount.amount, 0);
    const fits = allocations.length > 0 && total?.currency === currency;
    return fits
      ? [
          {
            title: `Remittance advice ${fileName}`,
            proposal: { allocations, sum: { amount, currency } },
          },
        ]
      : [];
  });
  return [...papers, ...read];
}

/** What the candidates that are taken were proposed for, or found by; a person can say it otherwise. */
function reasonFor(
  candidates: readonly CandidateView[],
  split: Split,
  decision: Decision,
  q: string,
): string {
  if (decision.lines.length === 0) return 'Kept as credit';
  const first = candidates.find(({ invoice }) => isTaken(split, invoice.invoice));
  return first?.reasons[0]?.words ?? (first === undefined || q === '' ? '' : `Found by “${q}”`);
}

interface ReadingProps {
  readonly index: number;
  readonly title: string;
  readonly proposal: CaseProposal;
  readonly take: () => void;
}

function Reading({ index, title, proposal, take }: ReadingProps) {
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <div>
        <Text fw={500}>
          <span className="key">{index + 1}</span> {title}
        </Text>
        <Text className="small dim">
          {proposal.allocations.map(({ invoice }) => invoice).join(', ')}; {moneyText(proposal.sum)}{' '}
          together
        </Text>
      </div>
      <Button size="xs" variant="default" onClick={take}>
        Take it
      </Button>
    </Group>
  );
}

interface CandidateProps {
  readonly candidate: CandidateView;
  readonly split: Split;
  readonly at: boolean;
  readonly toggle: () => void;
  readonly change: (split: Split) => void;
  readonly rest: Rest;
  readonly keep: (rest: Rest) => void;
  readonly overLines: () => void;
}

function Candidate(props: CandidateProps) {
  const { candidate, split, at, toggle, change, overLines: byLines } = props;
  const { invoice, reasons, lines } = candidate;
  const box = useRef<HTMLDivElement>(null);
  const number = invoice.invoice;
  const taken = isTaken(split, number);
  const perLine = taken && split[placeOf(number)] === undefined;
  useEffect(() => {
    if (at) box.current?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    <div
      ref={box}
      className={at ? 'candidate at' : 'candidate'}
      role="option"
      aria-selected={taken}
      tabIndex={-1}
    >
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Checkbox
          checked={taken}
          onChange={toggle}
          label={
            <>
              <Go to={pathOf.invoice(number)}>{number}</Go>, {invoice.account.name}
              <span className="sub">
                {amountText(invoice.balance)} open, due {dayText(invoice.dueOn)}
                {invoice.contract === null ? '' : `, ${invoice.contract}`}
              </span>
            </>
          }
        />
        {taken && !perLine && (
          <AmountField
            split={split}
            place={placeOf(number)}
            label={number}
            currency={invoice.balance.currency}
            change={change}
          />
        )}
      </Group>
      <div className="reasons">
        {reasons.map(({ code, words }) => (
          <span key={code} className="chip tone-plain">
            {words}
          </span>
        ))}
        {taken && !perLine && lines.length > 1 && (
          <Button size="compact-xs" variant="subtle" onClick={byLines}>
            Split over {lines.length} lines
          </Button>
        )}
        {taken && !perLine && <RestOf {...props} />}
      </div>
      {perLine &&
        lines.map(({ line, subcontract, description, open }) => (
          <Group key={line} justify="space-between" wrap="nowrap" align="center" pl={32} mt={4}>
            <Text className="small">
              {line}. {description ?? subcontract ?? ''}
              <span className="sub">
                {subcontract === null ? '' : `${subcontract}, `}
                {amountText(open)} open
              </span>
            </Text>
            <AmountField
              split={split}
              place={placeOf(number, line)}
              label={`${number} line ${line}`}
              currency={open.currency}
              change={change}
            />
          </Group>
        ))}
    </div>
  );
}

/** Asked where less than an invoice came: what of it others kept is not the customer's debt. */
function RestOf({ candidate, split, rest, keep }: CandidateProps) {
  const { invoice, balance } = candidate.invoice;
  const { currency } = balance;
  const amount = parseAmount(split[placeOf(invoice)] ?? '', currency);
  if (amount === null || amount <= 0 || amount >= balance.amount) return null;
  const left = amountText({ amount: balance.amount - amount, currency });
  return (
    <NativeSelect
      aria-label={`The rest of ${invoice}`}
      size="xs"
      value={rest}
      data={[
        { value: 'open', label: `${left} stay open` },
        { value: 'withheld', label: `${left} are tax withheld at source` },
        { value: 'bank-fee', label: `${left} are bank fees` },
      ]}
      onChange={(event) => keep(event.currentTarget.value as Rest)}
    />
  );
}

interface AmountFieldProps {
  readonly split: Split;
  readonly place: string;
  readonly label: string;
  readonly currency: string;
  readonly change: (split: Split) => void;
}

function AmountField({ split, place, label, currency, change }: AmountFieldProps) {
  const text = split[place] ?? '';
  return (
    <TextInput
      data-amount
      aria-label={`Amount for ${label}`}
      w={120}
      style={{ flexShrink: 0 }}
      styles={{ input: { textAlign: 'right' } }}
      value={text}
      error={text !== '' && parseAmount(text, currency) === null}
      onChange={(event) => change({ ...split, [place]: event.currentTarget.value })}
      onKeyDown={leaveOnEscape}
    />
  );
}

const leaveOnEscape = (event: KeyboardEvent<HTMLInputElement>) => {
  if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur();
};

function Outcome({
  decision,
  currency,
  moving,
}: {
  decision: Decision;
  currency: string;
  moving: boolean;
}) {
  const { sumMinor, leftMinor } = decision;
  const rest = moneyText({ amount: leftMinor, currency });
  return (
    <Text fw={600} className={leftMinor < 0 ? 'text-bad' : ''} aria-live="polite">
      {leftMinor < 0
        ? `${amountText({ amount: -leftMinor, currency })} ${currency} more than there is`
        : `${moving ? 'Moves' : 'Pays'} ${moneyText({ amount: sumMinor, currency })}; ${rest} stays as credit`}
    </Text>
  );
}

/** The first amount of the candidate that the keys are at. */
const AMOUNT_AT = '.candidate.at input[data-amount]';

interface CaseKeys {
  readonly count: number;
  readonly toggle: (at: number) => void;
  readonly lines: (at: number) => void;
  readonly reading: (index: number) => void;
  readonly submit: () => void;
}

/** j k choose, x takes, e goes to the amount, l splits over lines, a digit takes a reading, a acts; not while somebody types. */
function useCaseKeys({ count, toggle, lines, reading, submit }: CaseKeys) {
  const [at, setAt] = useState(-1);
  // Before the next key can come: two keys follow each other faster than effects.
  useLayoutEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        submit();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]') !== null) return;
      if (event.key === 'j') setAt(Math.min(count - 1, at + 1));
      else if (event.key === 'k') setAt(Math.max(0, at - 1));
      else if (event.key === 'x') toggle(at);
      else if (event.key === 'e') document.querySelector<HTMLInputElement>(AMOUNT_AT)?.select();
      else if (event.key === 'l') lines(at);
      else if (event.key === 'a') submit();
      else if (/^[1-9]$/.test(event.key)) reading(Number(event.key) - 1);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  return [at, setAt] as const;
}
