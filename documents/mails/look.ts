/**
 * How a mail looks, apart from what it says. MJML takes tens of milliseconds for a mail and gives the same HTML around the same
 * parts, so it is asked once a look: with blanks where the words go, which are filled in afterwards.
 */
import mjml2html from 'mjml';

/** Texts of one mail in their order; each leaves a mark in the MJML where it goes. */
export class Blanks {
  readonly texts: string[] = [];

  /** @param html escaped already */
  put(html: string): string {
    this.texts.push(html);
    return `@@${this.texts.length - 1}@@`;
  }
}

/** HTML in pieces: at even places as it is, at odd ones the number of the text that goes there. */
type Look = readonly string[];

/** Languages, sellers' colours and which parts there are make some dozens. */
const LOOKS_MOST = 200;
/** A look with hundreds of parts is not met twice soon, and is not worth its memory. */
const LONGEST_KEPT = 50_000;
const looks = new Map<string, Promise<Look>>();

async function compile(mjml: string): Promise<Look> {
  const { html, errors } = await mjml2html(mjml, {
    validationLevel: 'soft',
    fonts: {}, // nothing is loaded from elsewhere when a mail is opened
  });
  const [first] = errors;
  if (first !== undefined) throw new Error(`mail template: ${first.formattedMessage}`);
  return html.split(/@@(\d+)@@/);
}

/** What cannot be compiled is not kept, and the look that was made first gives way. */
function lookOf(mjml: string): Promise<Look> {
  const known = looks.get(mjml);
  if (known !== undefined) return known;
  const made = compile(mjml);
  if (mjml.length > LONGEST_KEPT) return made;
  looks.set(mjml, made);
  made.catch(() => looks.delete(mjml));
  const [oldest] = looks.keys();
  if (looks.size > LOOKS_MOST && oldest !== undefined) looks.delete(oldest);
  return made;
}

/**
 * The HTML of a mail.
 * @param mjml with the marks of the blanks
 * @throws where MJML does not take it
 */
export async function fillIn(mjml: string, { texts }: Blanks): Promise<string> {
  const look = await lookOf(mjml);
  return look.map((piece, at) => (at % 2 === 0 ? piece : (texts[Number(piece)] ?? ''))).join('');
}
