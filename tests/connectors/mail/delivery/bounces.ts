/** Bounce mails as servers write them, for a mail of ours that comes back. */
export interface Bounced {
  /** The token in the headers of the returned mail; null leaves them out. */
  readonly token: string | null;
  /** The token as the envelope's id, where the server took one. */
  readonly envelopeId?: string;
  readonly recipients: readonly {
    readonly address: string;
    readonly action?: string;
    readonly status?: string;
    readonly diagnostic?: string;
  }[];
  readonly date?: string;
}

const group = (fields: Readonly<Record<string, string | undefined>>) =>
  Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
    .join('\r\n');

/** In Postfix's form (bounce(8)): a text for people, the report, the headers of what came back. */
export function bounceMail({ token, envelopeId, recipients, date }: Bounced): Buffer {
  const report = [
    group({
      'Reporting-MTA': 'dns; mx.seller.example',
      'Original-Envelope-Id': envelopeId,
      'X-Postfix-Queue-ID': '4F1C2A0B',
      'Arrival-Date': 'Mon, 23 Nov 2026 09:00:00 +0100 (CET)',
    }),
    ...recipients.map(({ address, action = 'failed', status = '5.1.1', diagnostic }) =>
      group({
        'Final-Recipient': `rfc822; ${address}`,
        'Original-Recipient': `rfc822;${address}`,
        Action: action,
        Status: status,
        'Remote-MTA': 'dns; mx.buyer.example',
        'Diagnostic-Code': diagnostic,
      }),
    ),
  ].join('\r\n\r\n');
  const returned = group({
    'Return-Path': '<bounces@seller.example>',
    Received:
      'from worker (localhost [127.0.0.1])\r\n\tby mx.seller.example; Mon, 23 Nov 2026 09:00:00 +0100',
    From: 'Billing <billing@seller.example>',
    Subject: 'Invoice INV-2026-00017',
    'Message-ID': '<0123456789abcdef0123456789abcdef@seller.example>',
    'X-Perennial-Mail': token ?? undefined,
  });
  return Buffer.from(
    [
      group({
        'Return-Path': '<>',
        Date: date ?? 'Mon, 23 Nov 2026 09:00:05 +0100',
        From: 'MAILER-DAEMON@mx.seller.example (Mail Delivery System)',
        To: 'bounces@seller.example',
        Subject: 'Undelivered Mail Returned to Sender',
        'Auto-Submitted': 'auto-replied',
        'MIME-Version': '1.0',
        'Content-Type':
          'multipart/report; report-type=delivery-status;\r\n\tboundary="4F1C2A0B.1795420805/mx.seller.example"',
      }),
      '',
      'This is a MIME-encapsulated message.',
      '',
      '--4F1C2A0B.1795420805/mx.seller.example',
      'Content-Description: Notification',
      'Content-Type: text/plain; charset=us-ascii',
      '',
      'I am sorry to have to inform you that your message could not be delivered.',
      '',
      '--4F1C2A0B.1795420805/mx.seller.example',
      'Content-Description: Delivery report',
      'Content-Type: message/delivery-status',
      '',
      report,
      '',
      '--4F1C2A0B.1795420805/mx.seller.example',
      'Content-Description: Undelivered Message Headers',
      'Content-Type: text/rfc822-headers',
      '',
      returned,
      '',
      '--4F1C2A0B.1795420805/mx.seller.example--',
      '',
    ].join('\r\n'),
  );
}
