/** Headers of every answer: what a browser may load, who may frame it, and the request's id. */
import type { FastifyInstance, FastifyReply } from 'fastify';

/** The dashboard and our own pages. Styles may be inline: the component library sets them so; scripts never are. */
const PAGE_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'self'",
  // A form of ours may lead on to the provider's payment page.
  "form-action 'self' https://checkout.stripe.com",
  "frame-ancestors 'none'",
].join('; ');

/** A paper as HTML stands alone: nothing is loaded, nothing runs; our own pages may frame it. */
const PAPER_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'";

export function addHeaders(app: FastifyInstance, publicUrl: string): void {
  const https = publicUrl.startsWith('https:');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'content-security-policy': PAGE_POLICY,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      ...(https ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
    });
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
}

/** Sends an HTML paper that our own pages may frame. */
export function sendPaper(reply: FastifyReply, html: string) {
  return reply
    .header('content-security-policy', PAPER_POLICY)
    .header('x-frame-options', 'SAMEORIGIN')
    .type('text/html; charset=utf-8')
    .send(html);
}

/** Sends a PDF; inline, so that a browser shows it. A PDF viewer needs more than a paper's policy allows. */
export function sendPdf(
  reply: FastifyReply,
  { fileName, content }: { fileName: string; content: Uint8Array },
) {
  return reply
    .header('content-security-policy', "frame-ancestors 'self'")
    .header('x-frame-options', 'SAMEORIGIN')
    .header('content-disposition', `inline; filename="${fileName.replace(/[^\w.-]/g, '_')}"`)
    .type('application/pdf')
    .send(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
}
