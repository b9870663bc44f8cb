/** A plain page of our own that needs no script: sign-in links, signed links to invoices. */
import { escapeHtml } from '../../documents/escape.ts';

const STYLE = `
:root{color-scheme:light dark;--ink:#1a1b1e;--dim:#5c5f66;--paper:#fff;--line:#dee2e6;--accent:#1864ab}
@media(prefers-color-scheme:dark){:root{--ink:#e9ecef;--dim:#a6a7ab;--paper:#1a1b1e;--line:#373a40;--accent:#74c0fc}}
*{box-sizing:border-box}body{margin:0;padding:32px 16px;font:16px/1.6 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:720px;margin:0 auto}h1{font-size:24px;line-height:1.3}p,dd,dt,td,th{font-size:16px}
button,.button{display:inline-block;font:inherit;font-weight:600;padding:8px 24px;border:0;border-radius:8px;color:var(--paper);background:var(--accent);cursor:pointer;text-decoration:none}
button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:8px;border-bottom:1px solid var(--line);text-align:left}
td.money,th.money{text-align:right}dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 24px}dt{color:var(--dim)}dd{margin:0}
.dim{color:var(--dim)}`;

/** @param body trusted HTML: whatever came from outside has been escaped. */
export function htmlPage(title: string, body: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>` +
    `<body><main>${body}</main></body></html>`
  );
}
