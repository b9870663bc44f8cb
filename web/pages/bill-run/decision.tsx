/** Submitting, approving, refusing: what will happen is said first, and both people see the same short code. */
import { Alert, Button, Progress, Stack, Text } from '@mantine/core';
import {
  IconArrowBackUp,
  IconCheck,
  IconDownload,
  IconFingerprint,
  IconInfoCircle,
  IconRefresh,
  IconSend,
  IconX,
} from '@tabler/icons-react';
import type { BillRunReview } from '../../../api/types.ts';
import { apiUrl, part, write } from '../../data/client.ts';
import type { Asked } from '../../parts/action-dialog.tsx';
import { say } from '../../parts/said.tsx';
import { spoken } from '../../words/dates.ts';
import { amountText } from '../../words/money.ts';
import { counted } from '../../words/names.ts';
import type { Live } from './progress.tsx';

interface ActionsProps {
  readonly review: BillRunReview;
  readonly ask: (asked: Asked) => void;
}

export function Actions({ review, ask }: ActionsProps) {
  const { may, state, run } = review;
  return (
    <div className="act-bar reach" style={state === 'issued' ? { position: 'static' } : {}}>
      {may.refuse && (
        <Button
          variant="default"
          leftSection={<IconX size={16} />}
          onClick={() => ask(refusal(review))}
        >
          Refuse
        </Button>
      )}
      {may.approve && (
        <Button leftSection={<IconCheck size={16} />} onClick={() => ask(approval(review))}>
          Approve
        </Button>
      )}
      {may.submit && (
        <Button leftSection={<IconSend size={16} />} onClick={() => ask(submission(review))}>
          Submit for approval
        </Button>
      )}
      {may.withdraw && (
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={16} />}
          onClick={() => ask(withdrawal(review))}
        >
          Withdraw
        </Button>
      )}
      {may.change && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          onClick={() => ask(again(review))}
        >
          Compute again
        </Button>
      )}
      {state !== 'computing' && (
        <Button
          component="a"
          href={apiUrl(`/bill-runs/${part(run)}/control-sheet`)}
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          Control sheet
        </Button>
      )}
      {state === 'issued' && (
        <Button
          component="a"
          href={apiUrl(`/bill-runs/${part(run)}/result`)}
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          Result file
        </Button>
      )}
    </div>
  );
}

function Numbers({ review }: { review: BillRunReview }) {
  return (
    <table className="list" aria-label="Totals">
      <tbody>
        {review.comparison.map((row) => (
          <tr key={row.currency}>
            <td style={{ paddingLeft: 0 }}>{row.currency}, with tax</td>
            <td className="num" style={{ paddingRight: 0, fontWeight: 600 }}>
              {amountText({ amount: row.total, currency: row.currency })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ShortCode({ code }: { code: string }) {
  return (
    <span className="chip tone-wait" style={{ fontSize: 16, padding: '4px 12px' }}>
      <IconFingerprint size={18} aria-hidden />
      <span className="code">{code}</span>
    </span>
  );
}

const submission = (review: BillRunReview): Asked => ({
  title: 'Submit for approval',
  what: (
    <Stack gap="sm">
      <Text>
        The numbers are frozen and a second person is asked to approve exactly these. Nothing goes
        out before. Once approved, this run:
      </Text>
      <Text fw={600}>{spoken(review.willDo)}.</Text>
      <Numbers review={review} />
    </Stack>
  ),
  button: 'Submit',
  act: (_values, key) => write('POST', `/bill-runs/${part(review.run)}/submit`, undefined, { key }),
  done: () => say('Submitted. A second person is asked to approve it.'),
});

const approval = (review: BillRunReview): Asked => ({
  title: 'Approve this bill run',
  what: (
    <Stack gap="sm">
      <Text fw={600}>{spoken(review.willDo)}.</Text>
      <Numbers review={review} />
      <Text>
        You approve exactly the numbers of this code; {review.maker?.name ?? 'the biller'} sees the
        same one:
      </Text>
      {review.shortCode !== null && <ShortCode code={review.shortCode} />}
      <Text className="dim">
        An issued invoice can be voided until its mail has left; after that a credit note corrects
        it. Mails leave on the next business day at the earliest.
      </Text>
    </Stack>
  ),
  button: 'Approve and issue',
  act: (_values, key) =>
    write(
      'POST',
      `/bill-runs/${part(review.run)}/approve`,
      { shownHash: review.shownHash },
      { key },
    ),
  done: () => say('Approved. The documents are being issued.'),
});

const again = (review: BillRunReview): Asked => ({
  title: 'Compute this run again',
  what: 'Reads the book as it is now: corrected prices, contracts and addresses take effect. What you left out, held or included stays decided. Nothing goes out.',
  button: 'Compute again',
  act: (_values, key) =>
    write('POST', `/bill-runs/${part(review.run)}/recompute`, undefined, { key }),
  done: () => say('It is being computed again'),
});

const withdrawal = (review: BillRunReview): Asked => ({
  title: 'Withdraw this run',
  what: 'Nothing of it goes out. What was agreed along with it is taken back; what else is due is billed by the month’s run.',
  fields: [{ name: 'reason', label: 'Why', kind: 'reason' }],
  button: 'Withdraw',
  danger: true,
  act: ({ reason }, key) =>
    write('POST', `/bill-runs/${part(review.run)}/withdraw`, { reason }, { key }),
  done: () => say('Withdrawn. Nothing of it goes out.'),
});

const refusal = (review: BillRunReview): Asked => ({
  title: 'Refuse this bill run',
  what: 'It goes back to review with your reason. Nothing is issued.',
  fields: [{ name: 'reason', label: 'What has to change', kind: 'reason' }],
  button: 'Refuse',
  danger: true,
  act: ({ reason }, key) =>
    write('POST', `/bill-runs/${part(review.run)}/refuse`, { reason }, { key }),
  done: () => say('Refused. It is in review again.'),
});

/** One panel that says where the run stands and what comes next. */
export function WhatNow({ review, progress: live }: { review: BillRunReview; progress: Live }) {
  const { state, counts } = review;
  const { progress } = live;
  switch (state) {
    case 'computing':
      return (
        <Alert icon={<IconInfoCircle size={20} />} title="The run is being computed" role="status">
          Every contract is looked at; a few hundred take some seconds. The review appears here by
          itself.
          <Progress value={100} animated mt="sm" aria-label="Computing" />
        </Alert>
      );
    case 'in_review':
      return (
        <Alert
          icon={<IconInfoCircle size={20} />}
          color={review.reason === null ? 'iris' : 'yellow'}
          title={
            review.reason === null ? 'If you submit it, this run:' : `Sent back: ${review.reason}`
          }
        >
          {spoken(review.willDo)}.{!review.may.submit && ' Billers review it now.'}
        </Alert>
      );
    case 'submitted':
      return (
        <Alert
          icon={<IconInfoCircle size={20} />}
          color="yellow"
          title={review.may.approve ? 'It waits for your approval' : 'It waits for a second person'}
        >
          <Stack gap="xs">
            <Text>
              {spoken(review.willDo)}. {review.may.why}
            </Text>
            {review.shortCode !== null && (
              <div>
                <ShortCode code={review.shortCode} />{' '}
                <span className="dim">
                  Both people see this code while the numbers are the same.
                </span>
              </div>
            )}
          </Stack>
        </Alert>
      );
    case 'approved':
    case 'issuing': {
      const due = progress?.due ?? counts.invoices + counts.creditNotes;
      const done = progress?.issued ?? counts.issued;
      return (
        <Alert icon={<IconInfoCircle size={20} />} title={`Issued ${done} of ${due}`} role="status">
          <Progress
            value={due === 0 ? 0 : (done * 100) / due}
            aria-label="Issued"
            my="xs"
            transitionDuration={300}
          />
          {live.connected
            ? 'You may leave this page; it goes on by itself.'
            : 'The connection was lost. The run goes on by itself and is safe; this page tries again.'}
        </Alert>
      );
    }
    case 'issued':
      return (
        <Alert
          icon={<IconCheck size={20} />}
          color={counts.failed > 0 ? 'yellow' : 'green'}
          title={`${counted(counts.issued, 'document')} issued`}
          role="status"
        >
          {counts.failed > 0
            ? `${counted(counts.failed, 'document')} could not be issued and wait below.`
            : 'Their mails go out, their payments are awaited. Corrections are credit notes.'}
          {review.shortCode !== null && ` Approved under the code ${review.shortCode}.`}
        </Alert>
      );
    case 'refused':
      return (
        <Alert icon={<IconX size={20} />} color="red" title="It was refused">
          {review.reason ?? 'No reason was given.'}
        </Alert>
      );
    default:
      return (
        <Alert icon={<IconX size={20} />} color="red" title="The run stopped">
          {review.reason ?? 'Ask an operator to look at it.'} Nothing more goes out until it is
          started again.
        </Alert>
      );
  }
}
