/** An invoice as one HTML page with nothing beside it: no script, no font, no picture from elsewhere. Prints well. */
import QRCode from 'qrcode';
import { exponentOf } from '../domain/money/money.ts';
import { escapeHtml } from './escape.ts';
import { type Formatter, formatterOf } from './format.ts';
import { isPayable, noticeOf, referenceText, transferFacts } from './invoice-facts.ts';
import {
  assertTotals,
  type DocumentLine,
  type DocumentSection,
  type InvoiceDocument,
  type PostalAddress,
  sumMinor,
} from './model.ts';
import { epcPayloadOf } from './reference.ts';
import { taxReason, type Wording, wordingOf } from './wording.ts';

interface Page {
  readonly document: InvoiceDocument;
  readonly words: Wording;
  readonly format: Formatter;
}

const e = escapeHtml;

function rows(pairs: readonly (readonly [string, string | null])[]): string {
  return pairs
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `<div><dt>${e(name)}</dt><dd>${e(value ?? '')}</dd></div>`)
    .join('');
}

function address(name: string, place: PostalAddress, format: Formatter): string {
  const town = [place.postalCode, place.city, place.region]
    .filter((part) => part !== null)
    .join(' ');
  const country = place.country === null ? null : format.country(place.country);
  return [name, place.line1, place.line2, town, country]
    .filter((line) => line !== null && line !== '')
    .map((line) => e(line ?? ''))
    .join('<br>');
}

function lineRow({ document, words, format }: Page, line: DocumentLine): string {
  const caughtUp = line.caughtUp;
  const isMonth = caughtUp !== null && /^\d{4}-\d{2}$/.test(caughtUp);
  const period =
    line.periodStart !== null && line.periodEnd !== null
      ? format.period(line.periodStart, line.periodEnd)
      : null;
  const details = [
    line.subcontract,
    line.sku,
    period,
    caughtUp === null ? null : words.caughtUp(isMonth ? format.month(caughtUp) : null),
  ].filter((part) => part !== null);
  const why =
    line.explanation === null
      ? ''
      : `<details><summary>${e(words.appendix)}</summary>${e(line.explanation).replaceAll('\n', '<br>')}</details>`;
  const discount =
    line.discountPercent === null || /^0*(\.0*)?$/.test(line.discountPercent)
      ? ''
      : format.percent(line.discountPercent);
  const cells = [
    `${e(format.number(line.quantity))}${line.unit === null ? '' : ` <small>${e(line.unit)}</small>`}`,
    e(format.number(line.unitPrice, exponentOf(document.currency))),
    e(discount),
    e(format.percent(line.taxRate)),
    e(format.amount(line.netMinor, document.currency)),
  ];
  return `<tr><td>${e(line.line)}</td><td>${e(line.description)}<br><small>${e(details.join(' · '))}</small>${why}</td>${cells.map((cell) => `<td class="n">${cell}</td>`).join('')}</tr>`;
}

function sumRow(text: string, amount: string): string {
  return `<tr class="sum"><td colspan="6">${e(text)}</td><td class="n">${e(amount)}</td></tr>`;
}

function section(page: Page, part: DocumentSection): string {
  const { document, words, format } = page;
  const contract = part.contract === null ? '' : `${words.contract} ${part.contract}`;
  const name = [contract, part.title].filter((one) => one !== '').join(' · ');
  const amount = (lines: readonly DocumentLine[]) =>
    format.amount(sumMinor(lines.map(({ netMinor }) => netMinor)), document.currency);
  const subsections = part.subsections.map((sub) => {
    const own = sub.lines.map((line) => lineRow(page, line)).join('');
    if (sub.lines.length < 2) return own;
    const head = [sub.subcontract, sub.title].filter((one) => one !== null).join(' · ');
    const sum = sumRow(words.subtotal(sub.subcontract ?? sub.title), amount(sub.lines));
    return `<tr class="sub"><td colspan="7">${e(head)}</td></tr>${own}${sum}`;
  });
  const total =
    document.sections.length > 1
      ? sumRow(words.subtotal(name), amount(part.subsections.flatMap((sub) => [...sub.lines])))
      : '';
  const head =
    name === '' ? '' : `<tr class="part"><th colspan="7" scope="rowgroup">${e(name)}</th></tr>`;
  return `<tbody>${head}${subsections.join('')}${total}</tbody>`;
}

function totals({ document, words, format }: Page): string {
  const { currency } = document;
  const row = (name: string, minor: number, strong = false) =>
    `<tr${strong ? ' class="strong"' : ''}><th scope="row">${e(name)}</th><td class="n">${e(format.amount(minor, currency))}</td></tr>`;
  const taxes = document.taxes.map((tax) => row(words.tax(format.percent(tax.rate)), tax.taxMinor));
  const paid =
    document.paidMinor === 0
      ? ''
      : row(words.paid, -document.paidMinor) +
        row(`${words.balance} ${currency}`, document.balanceMinor, true);
  return `<table class="totals"><tbody>${row(words.net, document.netMinor)}${taxes.join('')}${row(`${words.total} ${currency}`, document.totalMinor, true)}${paid}</tbody></table>`;
}

function taxTable({ document, words, format }: Page): string {
  const body = document.taxes.map((tax) => {
    const reason = taxReason(tax, words);
    const why = reason === null ? '' : `<br><small>${e(reason)}</small>`;
    return `<tr><td>${e(words.taxNames[tax.category])} (${e(tax.category)})${why}</td><td class="n">${e(format.percent(tax.rate))}</td><td class="n">${e(format.amount(tax.baseMinor, document.currency))}</td><td class="n">${e(format.amount(tax.taxMinor, document.currency))}</td></tr>`;
  });
  return `<table class="taxes"><thead><tr><th scope="col">${e(words.taxTable.title)}</th><th></th><th class="n" scope="col">${e(words.taxTable.base)}</th><th class="n" scope="col">${e(words.taxTable.tax)}</th></tr></thead><tbody>${body.join('')}</tbody></table>`;
}

/** A QR code as inline SVG. */
async function qrSvg(text: string): Promise<string> {
  return await QRCode.toString(text, { type: 'svg', errorCorrectionLevel: 'M', margin: 0 });
}

async function payment({ document, words }: Page): Promise<string> {
  if (!isPayable(document)) return '';
  const facts = rows(transferFacts(document.seller, words, referenceText(document)));
  const epc = epcPayloadOf(document);
  const code =
    epc === null
      ? ''
      : `<figure>${await qrSvg(epc)}<figcaption>${e(words.scanToPay)}</figcaption></figure>`;
  const link =
    document.payUrl === null
      ? ''
      : `<p><a class="pay" href="${e(document.payUrl)}">${e(words.payOnline)}</a></p>`;
  return `<section class="payment"><div><h2>${e(words.howToPay)}</h2><dl>${facts}</dl>${link}</div>${code}</section>`;
}

function closing({ document, words, format }: Page): string {
  const { seller } = document;
  const part = (name: string, texts: readonly string[]) =>
    texts.length === 0
      ? ''
      : `<h2>${e(name)}</h2>${texts.map((text) => `<p>${e(text).replaceAll('\n', '<br>')}</p>`).join('')}`;
  const contact = [seller.contactName, seller.email, seller.phone].filter((one) => one !== null);
  return [
    part(words.terms, document.paymentTerms === null ? [] : [document.paymentTerms]),
    part(words.lateCharges, document.lateChargeClause === null ? [] : [document.lateChargeClause]),
    part(
      words.details,
      document.customFields.map(({ name, value }) => `${name}: ${value}`),
    ),
    part(words.notes, document.notes),
    part(
      words.history,
      document.history.map(({ on, text }) => `${format.date(on)}: ${text}`),
    ),
    contact.length === 0 ? '' : `<p>${e(words.questions(contact.join(', ')))}</p>`,
  ].join('');
}

const STYLE = `
:root{--accent:ACCENT;--ink:#1b2130;--muted:#5a6373;--rule:#d9dee6;color:var(--ink);background:#fff;
font:15px/1.5 "IBM Plex Sans",system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
body{max-width:54rem;margin:0 auto;padding:2rem 1.25rem;border-top:6px solid var(--accent)}
header{display:flex;justify-content:space-between;gap:2rem;flex-wrap:wrap}
.seller{color:var(--accent);font-weight:600;font-size:1.3rem}h1{margin:0;font-size:1.9rem;line-height:1.2}
h2{font-size:1rem;color:var(--accent);margin:1.5rem 0 .25rem}p{margin:.25rem 0}small{color:var(--muted)}
address{font-style:normal;margin-top:1.5rem}dl{margin:0}dl div{display:flex;gap:1rem}dt{color:var(--muted);min-width:11rem;flex:none}
dd{margin:0;overflow-wrap:anywhere}.notice{font-weight:600}
.glance{background:color-mix(in srgb,var(--accent) 7%,#fff);border-left:4px solid var(--accent);padding:1rem;margin:1.5rem 0;
display:flex;gap:2rem;flex-wrap:wrap}.glance b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}
.payment{display:flex;justify-content:space-between;gap:2rem}figure{margin:1.5rem 0 0;width:7.5rem;text-align:center}
figure svg{width:100%;height:auto}figcaption{color:var(--muted);font-size:.8rem}
.pay{display:inline-block;background:var(--accent);color:#fff;padding:.5rem 1rem;border-radius:4px;text-decoration:none;font-weight:600}
.pay:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
table{border-collapse:collapse;width:100%}.lines{margin-top:1.5rem}th,td{padding:.4rem .5rem;text-align:left;vertical-align:top}
.lines thead th,.taxes thead th{color:var(--muted);font-size:.8rem;border-bottom:1px solid var(--accent)}
.lines td{border-bottom:1px solid var(--rule)}.n{text-align:right!important;font-variant-numeric:tabular-nums;white-space:nowrap}
.part th{padding-top:1rem}.sub td{font-weight:600;color:var(--muted);border:0}.sum td{text-align:right;font-weight:600}
.foot{display:flex;gap:2rem;justify-content:space-between;align-items:start;margin-top:1.5rem;flex-wrap:wrap}
.totals{width:auto;min-width:17rem}.totals th{font-weight:400}.taxes{width:auto;font-size:.85rem}.strong>*{font-weight:600!important;border-top:1px solid var(--accent)}
details summary{cursor:pointer;color:var(--muted);font-size:.8rem}footer{margin-top:2rem;border-top:1px solid var(--rule);padding-top:.75rem;color:var(--muted);font-size:.8rem}
.scroll{overflow-x:auto}
@media print{body{padding:0;max-width:none;border:0;font-size:11px}thead{display:table-header-group}tr,.foot,.payment{break-inside:avoid}
.part,.sub{break-after:avoid}details{display:none}.pay{border:1px solid var(--accent);color:var(--accent);background:none}@page{margin:18mm 15mm}}
`;

function head(page: Page): string {
  const { document, words, format } = page;
  const { seller, buyer, type } = document;
  const contracts = [...new Set(document.sections.flatMap(({ contract }) => contract ?? []))];
  const logo =
    seller.logo !== null && /^data:image\/(png|jpe?g);base64,[A-Za-z0-9+/=]+$/.test(seller.logo)
      ? `<img src="${e(seller.logo)}" alt="${e(seller.legalName)}" height="48">`
      : `<div class="seller">${e(seller.legalName)}</div>`;
  const facts = rows([
    [words.number, document.invoice],
    [words.issueDate, format.date(document.issueDate)],
    [
      words.dueDate,
      document.dueDate === null || type === 'credit_note' ? null : format.date(document.dueDate),
    ],
    [words.customer, buyer.account],
    [contracts.length > 1 ? words.contracts : words.contract, contracts.join(', ')],
    [words.poNumber, document.poNumber],
    [words.yourReference, buyer.buyerReference],
    [words.yourTaxId, buyer.taxId],
  ]);
  return `<header><div>${logo}<address>${address(buyer.name, buyer.address, format)}</address></div><div><h1>${e(pageTitle(page))}</h1><dl>${facts}</dl></div></header>`;
}

function pageTitle({ document, words }: Page): string {
  const name = words.titles[document.type];
  const isDraft = document.invoice === null && document.type !== 'pro_forma';
  return isDraft ? `${name} (${words.draft})` : name;
}

function glance({ document, words, format }: Page): string {
  const { type, currency, dueDate, balanceMinor, totalMinor } = document;
  const fact = (name: string, value: string) =>
    `<div><small>${e(name)}</small><b>${e(value)}</b></div>`;
  if (type === 'credit_note') {
    const on = document.creditsIssueDate === null ? null : format.date(document.creditsIssueDate);
    const of =
      document.credits === null ? '' : `<div>${e(words.credits(document.credits, on))}</div>`;
    return `<section class="glance">${fact(words.amountCredited, format.money(-totalMinor, currency))}${of}</section>`;
  }
  if (balanceMinor === 0 && totalMinor !== 0 && type !== 'pro_forma')
    return `<section class="glance">${fact(words.amountPaid, format.money(totalMinor, currency))}<div>${e(words.settled)}</div></section>`;
  const name = type === 'pro_forma' ? words.proFormaTotal : words.amountDue;
  const due = dueDate === null ? '' : fact(words.dueDate, format.date(dueDate));
  return `<section class="glance">${fact(name, format.money(balanceMinor, currency))}${due}</section>`;
}

/**
 * The HTML page of an invoice, credit note, late charge or pro-forma.
 * @throws DocumentError where its figures do not add up.
 */
export async function invoiceHtml(document: InvoiceDocument): Promise<string> {
  assertTotals(document);
  const format = formatterOf(document.language, document.seller.address.country);
  const page: Page = { document, words: wordingOf(format.language), format };
  const { words } = page;
  const { seller } = document;
  const accent = /^#[0-9a-f]{6}$/i.test(seller.accentColor ?? '') ? seller.accentColor : '#1d4f91';
  const notice = noticeOf(document, words);
  const c = words.columns;
  const columns = [c.position, c.description, c.quantity, c.unitPrice, c.discount, c.tax, c.net]
    .map((name, index) => `<th scope="col"${index > 1 ? ' class="n"' : ''}>${e(name)}</th>`)
    .join('');
  const imprint = [
    seller.legalName,
    seller.address.line1,
    seller.address.city,
    seller.taxId === null ? null : `${words.taxId} ${seller.taxId}`,
    seller.registration,
  ].filter((part) => part !== null);
  const title = [words.titles[document.type], document.invoice ?? words.draft].join(' ');
  return `<!doctype html>
<html lang="${e(format.locale)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${e(title)}</title><style>${STYLE.replace('ACCENT', accent ?? '')}</style></head><body>
${head(page)}
${notice === null ? '' : `<p class="notice">${e(notice)}</p>`}
${glance(page)}
${await payment(page)}
<div class="scroll"><table class="lines"><thead><tr>${columns}</tr></thead>${document.sections.map((part) => section(page, part)).join('')}</table></div>
<div class="foot">${taxTable(page)}${totals(page)}</div>
${closing(page)}
<footer>${e(imprint.join(' · '))}<br>${e(words.allIn(document.currency))}</footer>
</body></html>
`;
}
