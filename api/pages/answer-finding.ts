/**
 * The signed page behind the link in a question's mail: what was found, what is asked, and a form for the answer. No login, no
 * script; the answer is only ever text, and nothing changes before a person decides.
 */
import { z } from 'zod';
import { questionInAnswerToken } from '../../connectors/mail/links.ts';
import {
  answerFindingQuestion,
  type Db,
  type FindingQuestion,
  findingName,
  getFact,
  getFinding,
  getFindingQuestion,
  Refusal,
} from '../../db/index.ts';
import { escapeHtml as e } from '../../documents/escape.ts';
import type { Routes } from '../app.ts';
import { refuseForeignOrigin } from '../http/authentication.ts';
import { ProblemError } from '../problems.ts';
import { titleOf } from '../views/findings.ts';
import { inWords, money } from '../views/money.ts';
import { todayOf } from '../views/parties.ts';
import { htmlPage } from './layout.ts';
import { acceptForms, publicPage } from './public-pages.ts';

const params = z.object({ token: z.string().min(1).max(500) });
const FORM_BYTES = 16_384;
const form = z.strictObject({ answer: z.string().trim().min(1).max(4000) });

export const answerPages: Routes = (app, { db, configuration, now }) => {
  acceptForms(app, FORM_BYTES);
  const open = async (token: string): Promise<FindingQuestion> => {
    const name = questionInAnswerToken(configuration.linkKey, token);
    const question = name === null ? null : await getFindingQuestion(db, name);
    if (question === null)
      throw new ProblemError(
        'link-invalid',
        'This link does not open a question. Use the link in the mail, or answer the mail.',
      );
    return question;
  };
  const config = publicPage(configuration);

  app.get('/answer/:token', { config, schema: { params, hide: true } }, async (request, reply) => {
    const { token } = request.params;
    const question = await open(token);
    return reply
      .header('cache-control', 'private, no-store')
      .header('referrer-policy', 'no-referrer')
      .type('text/html; charset=utf-8')
      .send(await questionPage(db, question, encodeURIComponent(token)));
  });
  app.post(
    '/answer/:token',
    { config, schema: { params, body: form, hide: true } },
    async (request, reply) => {
      refuseForeignOrigin(request, configuration.publicUrl);
      const { token } = request.params;
      const { question } = await open(token);
      const on = await todayOf(db, now());
      const { answer } = request.body;
      await answerFindingQuestion(db, { question, answer, on }).catch((error: unknown) => {
        // Whoever sends it again sees the answer that is kept.
        if (!(error instanceof Refusal) || error.code !== 'already-decided') throw error;
      });
      return reply.redirect(`/answer/${encodeURIComponent(token)}`, 303);
    },
  );
};

async function questionPage(db: Db, question: FindingQuestion, token: string): Promise<string> {
  const finding = await getFinding(db, question.finding);
  const account =
    finding === null || finding.account === null
      ? null
      : await getFact(db, 'accounts', { account: finding.account });
  const facts: [string, string | null | undefined][] = [
    ['Customer', account?.name],
    ['Contract', finding?.contract],
    ['Subcontract', finding?.subcontract],
    [
      'Found',
      finding === null ? null : `${titleOf(finding.rule)} (${findingName(finding.number)})`,
    ],
    [
      'At stake',
      finding === null || finding.currency === null || finding.amountMinor === 0
        ? null
        : inWords([money(finding.amountMinor, finding.currency)]),
    ],
    ['What would be done', finding?.told.suggestion],
  ];
  const rows = facts
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `<dt>${e(name)}</dt><dd>${e(value ?? '')}</dd>`)
    .join('');
  const answered =
    question.answer === null
      ? `<form method="post" action="/answer/${token}"><p><label for="answer">Your answer</label><br>` +
        '<textarea id="answer" name="answer" rows="6" maxlength="4000" required ' +
        'style="width:100%;font:inherit;padding:8px"></textarea></p>' +
        '<p><button type="submit">Send the answer</button></p></form>' +
        '<p class="dim">It is kept with the finding. Nothing is billed or changed before a person decides.</p>'
      : `<p>You answered:</p><blockquote>${e(question.answer)}</blockquote><p>Thank you.</p>`;
  return htmlPage(
    'A question',
    `<h1>A question</h1><p>${e(question.words)}</p><dl>${rows}</dl>${answered}`,
  );
}
