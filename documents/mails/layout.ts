/**
 * A mail is a list of parts, written twice: as HTML through MJML and as plain text. Both say the same, because both come
 * from the same parts. All text is escaped here, before it enters the template.
 */
import { escapeHtml } from '../escape.ts';
import type { Language } from '../format.ts';
import { Blanks, fillIn } from './look.ts';

export interface Mail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

export type MailPart =
  | {
      readonly kind: 'amount';
      readonly label: string;
      readonly value: string;
      readonly note: string;
    }
  | { readonly kind: 'code'; readonly label: string; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [string, string | null])[] }
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'links'; readonly links: readonly MailLink[] };

export interface MailLink {
  readonly text: string;
  readonly url: string;
}

/** Who writes: the paper's letterhead in a mail. */
export interface MailSender {
  readonly legalName: string;
  readonly contactName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** `#rrggbb`. */
  readonly accentColor: string | null;
}

export interface MailDraft {
  readonly language: Language;
  readonly subject: string;
  readonly greeting: string;
  readonly parts: readonly MailPart[];
  readonly sender: MailSender;
  /** Whether the mail begins with its parts (a key mail begins with the key) and greets after the first. */
  readonly leadFirst?: boolean;
}

const e = escapeHtml;
const lines = (text: string) => e(text).replaceAll('\n', '<br />');
const MUTED = '#5a6373';

const ASK: Readonly<Record<Language, string>> = {
  en: 'Questions? Ask',
  de: 'Fragen? Es hilft Ihnen',
};

function contact(draft: MailDraft): string {
  const { contactName, legalName, email, phone } = draft.sender;
  const reach = [email, phone].filter((one) => one !== null).join(', ');
  return `${ASK[draft.language]} ${contactName ?? legalName}${reach === '' ? '' : ` (${reach})`}.`;
}

function accent(sender: MailSender): string {
  const { accentColor } = sender;
  return accentColor !== null && /^#[0-9a-f]{6}$/i.test(accentColor) ? accentColor : '#1d4f91';
}

/** A cell is right-aligned where it is an amount: digits with separators, perhaps a currency after them. */
const isAmount = (cell: string) => /^[-+]?[\d.,'\u00a0]+(\u00a0[A-Z]{3})?$/.test(cell);

const isAmountColumn = (rows: readonly (readonly string[])[], at: number) =>
  rows.every((row) => isAmount(row[at] ?? ''));

function mjmlOf(part: MailPart, colour: string, blanks: Blanks): string {
  const say = (text: string) => blanks.put(e(text));
  const sayLines = (text: string) => blanks.put(lines(text));
  switch (part.kind) {
    case 'amount':
      return `<mj-text padding="12px 0"><span style="color:${MUTED}">${say(part.label)}</span><br /><span style="font-size:26px;line-height:36px;font-weight:600">${say(part.value)}</span><br />${sayLines(part.note)}</mj-text>`;
    case 'code':
      return `<mj-text padding="12px 0 4px" color="${MUTED}">${say(part.label)}</mj-text><mj-text padding="0 0 12px"><code style="display:block;padding:12px;background:#f2f4f7;border-left:3px solid ${colour};font:14px/20px Consolas,Menlo,monospace;word-break:break-all">${sayLines(part.text)}</code></mj-text>`;
    case 'heading':
      return `<mj-text padding="16px 0 4px" font-weight="600" color="${colour}">${say(part.text)}</mj-text>`;
    case 'text':
      return `<mj-text>${sayLines(part.text)}</mj-text>`;
    case 'facts':
      return table(
        blanks,
        part.rows.flatMap(([name, value]) =>
          value === null || value === ''
            ? []
            : [
                `<tr><td style="color:${MUTED};padding:2px 16px 2px 0;vertical-align:top;white-space:nowrap">${e(name)}</td><td style="padding:2px 0">${lines(value)}</td></tr>`,
              ],
        ),
      );
    case 'table':
      return table(blanks, [
        `<tr>${part.head.map((name, at) => `<th style="text-align:${isAmountColumn(part.rows, at) ? 'right' : 'left'};padding:4px 12px 4px 0;color:${MUTED};font-weight:600;border-bottom:1px solid ${colour}">${e(name)}</th>`).join('')}</tr>`,
        ...part.rows.map(
          (row) =>
            `<tr>${row.map((cell) => `<td style="padding:4px 12px 4px 0;border-bottom:1px solid #e3e7ed${isAmount(cell) ? ';text-align:right;white-space:nowrap' : ''}">${lines(cell)}</td>`).join('')}</tr>`,
        ),
      ]);
    case 'list':
      return `<mj-text><ul style="margin:0;padding-left:20px">${blanks.put(part.items.map((item) => `<li>${lines(item)}</li>`).join(''))}</ul></mj-text>`;
    case 'links':
      return part.links
        .map(
          ({ text, url }, index) =>
            `<mj-button align="left" padding="6px 0" inner-padding="10px 18px" border-radius="4px" font-weight="600" href="${say(url)}" ${index === 0 ? `background-color="${colour}" color="#ffffff"` : `background-color="#ffffff" color="${colour}" border="1px solid ${colour}"`}>${say(text)}</mj-button>`,
        )
        .join('');
  }
}

function table(blanks: Blanks, rows: readonly string[]): string {
  return rows.length === 0
    ? ''
    : `<mj-table padding="4px 0">${blanks.put(rows.join(''))}</mj-table>`;
}

function textOf(part: MailPart): string {
  switch (part.kind) {
    case 'amount':
      return `${part.label}: ${part.value}\n${part.note}`;
    case 'code':
      return `${part.label}\n\n${part.text}`;
    case 'heading':
      return `${part.text}\n${'-'.repeat(part.text.length)}`;
    case 'text':
      return part.text;
    case 'facts': {
      const rows = part.rows.filter(([, value]) => value !== null && value !== '');
      const width = Math.max(0, ...rows.map(([name]) => name.length));
      return rows
        .map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${value?.replaceAll('\n', ', ')}`)
        .join('\n');
    }
    case 'table':
      return textTable(part.head, part.rows);
    case 'list':
      return part.items.map((item) => `- ${item}`).join('\n');
    case 'links':
      return part.links.map(({ text, url }) => `${text}:\n${url}`).join('\n');
  }
}

function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('\n', ', ')));
  const widths = head.map((_, at) => Math.max(...all.map((row) => (row[at] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, at) => {
          const width = widths[at] ?? 0;
          return isAmount(cell) ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Subject, HTML and plain text of a mail. */
export async function writeMail(draft: MailDraft): Promise<Mail> {
  const colour = accent(draft.sender);
  const greeting: MailPart = { kind: 'text', text: draft.greeting };
  const [lead, ...rest] = draft.parts;
  const parts =
    draft.leadFirst === true && lead !== undefined
      ? [lead, greeting, ...rest]
      : [greeting, ...draft.parts];
  const closing = [contact(draft), draft.sender.legalName];
  const blanks = new Blanks();
  const body = parts.map((part) => mjmlOf(part, colour, blanks)).join('\n');
  const preview = textOf(draft.parts[0] ?? greeting).replaceAll('\n', ' ');
  const source = `<mjml lang="${draft.language}"><mj-head><mj-title>${blanks.put(e(draft.subject))}</mj-title>
<mj-preview>${blanks.put(e(preview))}</mj-preview>
<mj-attributes><mj-all font-family="'IBM Plex Sans',-apple-system,'Segoe UI',Roboto,Arial,sans-serif" /><mj-text font-size="15px" line-height="22px" color="#1b2130" padding="6px 0" /><mj-table font-size="14px" line-height="20px" color="#1b2130" /></mj-attributes></mj-head>
<mj-body background-color="#ffffff" width="600px">
<mj-section border-top="4px solid ${colour}" padding="20px 16px 0"><mj-column><mj-text font-size="17px" font-weight="600" color="${colour}">${blanks.put(e(draft.sender.legalName))}</mj-text></mj-column></mj-section>
<mj-section padding="0 16px"><mj-column>${body}</mj-column></mj-section>
<mj-section padding="8px 16px 24px"><mj-column><mj-divider border-width="1px" border-color="#d9dee6" padding="8px 0" /><mj-text font-size="13px" line-height="20px" color="${MUTED}">${blanks.put(closing.map(e).join('<br />'))}</mj-text></mj-column></mj-section>
</mj-body></mjml>`;
  const html = await fillIn(source, blanks);
  const text = [...parts.map(textOf).filter((one) => one !== ''), `-- \n${closing.join('\n')}`];
  return { subject: draft.subject, html, text: `${text.join('\n\n')}\n` };
}
