import { describe, expect, it } from 'vitest';
import {
  MAX_BOUNCE_BYTES,
  readBounceMail,
} from '../../../../connectors/mail/delivery/bounce-mail.ts';
import { DeliveryRejection } from '../../../../connectors/mail/delivery/report.ts';
import { mailToken } from '../../../../connectors/mail/delivery/token.ts';
import { bounceMail } from './bounces.ts';

const KEY = Buffer.alloc(32, 1);
const LOCAL = '0123456789abcdef0123456789abcdef';
const token = mailToken(KEY, `<${LOCAL}@seller.example>`);
const NOW = new Date('2026-11-23T10:00:00Z');
const read = (raw: Buffer, key = KEY) => readBounceMail(raw, key, NOW);
const gone = { address: 'J.Gross@buyer.example', diagnostic: 'smtp; 550 5.1.1 no such user' };

describe('a bounce mail', () => {
  it('says of each recipient what became of the mail, and why', async () => {
    const reports = await read(
      bounceMail({
        token,
        recipients: [
          gone,
          { address: 'slow@buyer.example', action: 'delayed', status: '4.4.1' },
          { address: 'full@buyer.example', status: '5.2.2', diagnostic: 'smtp; 552 mailbox full' },
          { address: 'ok@buyer.example', action: 'delivered', status: '2.0.0' },
          { address: 'list@buyer.example', action: 'expanded', status: '2.0.0' },
        ],
      }),
    );
    expect(reports).toEqual([
      {
        token: LOCAL,
        messageId: `<${LOCAL}@seller.example>`,
        address: 'j.gross@buyer.example',
        state: 'bounced',
        status: '5.1.1',
        reason: '550 5.1.1 no such user',
        happenedAt: new Date('2026-11-23T08:00:05Z'),
      },
      expect.objectContaining({ address: 'slow@buyer.example', state: 'delayed', reason: null }),
      expect.objectContaining({ address: 'full@buyer.example', state: 'bounced', status: '5.2.2' }),
      expect.objectContaining({ address: 'ok@buyer.example', state: 'delivered' }),
    ]);
  });

  it('is known by the envelope’s id where the headers did not come back', async () => {
    const raw = bounceMail({ token: null, envelopeId: token, recipients: [gone] });
    expect(await read(raw)).toMatchObject([{ token: LOCAL, state: 'bounced' }]);
  });

  it('is known where the whole mail came back, and a diagnostic goes over several lines', async () => {
    const raw = bounceMail({
      token,
      recipients: [{ ...gone, diagnostic: 'smtp; 550 5.7.1 refused\r\n    by policy' }],
    })
      .toString()
      .replace('Content-Type: text/rfc822-headers', 'Content-Type: message/rfc822')
      .replace(/(X-Perennial-Mail: .*)/, '$1\r\n\r\nX-Perennial-Mail: of the body\r\n');
    expect(await read(Buffer.from(raw))).toMatchObject([
      { reason: '550 5.7.1 refused by policy', status: '5.1.1' },
    ]);
  });

  it('counts only with a token of ours', async () => {
    const changed = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    for (const forged of [
      null,
      changed,
      mailToken(Buffer.alloc(32, 2), `<${LOCAL}@seller.example>`),
    ])
      await expect(read(bounceMail({ token: forged, recipients: [gone] }))).rejects.toThrow(
        'about another mail, or made up',
      );
    await expect(
      read(bounceMail({ token, recipients: [gone] }), Buffer.alloc(32, 2)),
    ).rejects.toThrow(DeliveryRejection);
  });

  it('is no answer by a person, no rubbish and not without end', async () => {
    const answer = 'From: a@b.example\r\nSubject: Re: Invoice\r\n\r\nI am on holiday.\r\n';
    await expect(read(Buffer.from(answer))).rejects.toThrow('RFC 3464');
    await expect(read(Buffer.from([0, 255, 1, 254]))).rejects.toThrow('RFC 3464');
    await expect(read(Buffer.alloc(MAX_BOUNCE_BYTES + 1))).rejects.toThrow('at most');
    expect(await read(bounceMail({ token, recipients: [] }))).toEqual([]);
  });
});
