import { describe, expect, it } from 'vitest';
import {
  carriesPassword,
  ownMailEvent,
  postmarkMailEvent,
} from '../../../../connectors/mail/delivery/events.ts';
import { mailToken } from '../../../../connectors/mail/delivery/token.ts';

const bytes = (event: unknown) => Buffer.from(JSON.stringify(event));
const at = '2026-11-23T09:00:00Z';
const data = { messageId: '<1f@seller.example>', address: 'a@buyer.example' };
const KEY = Buffer.alloc(32, 1);

describe('an event of our own shape', () => {
  it('tells of one recipient', () => {
    const event = {
      type: 'mail.bounced',
      timestamp: at,
      data: { ...data, reason: '550 5.1.1\r\nno such user' },
    };
    expect(ownMailEvent(bytes(event))).toEqual({
      kind: 'mail.bounced',
      report: {
        token: null,
        messageId: data.messageId,
        address: data.address,
        state: 'bounced',
        status: '5.1.1',
        reason: '550 5.1.1 no such user',
        happenedAt: new Date(at),
      },
    });
    const bare = { ...event, data: { ...data, messageId: '1f@seller.example' } };
    expect(ownMailEvent(bytes(bare))).toMatchObject({ report: { messageId: data.messageId } });
  });

  it('that says nothing about delivery is left alone', () => {
    expect(ownMailEvent(bytes({ type: 'mail.opened' }))).toMatchObject({ kind: 'mail.opened' });
    expect(ownMailEvent(bytes({ type: 'toString' }))).toHaveProperty('ignored');
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['no object', bytes([])],
    ['no moment', bytes({ type: 'mail.bounced', data })],
    ['no day of ours', bytes({ type: 'mail.bounced', timestamp: 'yesterday', data })],
    ['no address', bytes({ type: 'mail.bounced', timestamp: at, data: { ...data, address: 'a' } })],
    ['no mail', bytes({ type: 'mail.bounced', timestamp: at, data: { ...data, messageId: 'x' } })],
  ])('is refused where it has %s', (_what, body) => {
    expect(() => ownMailEvent(body)).toThrow(
      expect.objectContaining({ name: 'DeliveryRejection' }),
    );
  });
});

describe('an event of Postmark’s', () => {
  const MessageID = '883953f4-6105-42a2-a16a-77a8eac79483';
  const bounce = {
    RecordType: 'Bounce',
    ID: 42,
    Type: 'HardBounce',
    MessageID,
    Description: 'The server was unable to deliver your message',
    Details: 'smtp;550 5.1.1 The email account does not exist.',
    Email: 'john@example.com',
    BouncedAt: '2026-11-23T13:28:10.2735393-04:00',
    Metadata: { 'perennial-mail': mailToken(KEY, '<1f@seller.example>') },
  };

  it('tells of a bounce, by the token that came with the mail', () => {
    expect(postmarkMailEvent(bytes(bounce), KEY)).toMatchObject({
      kind: 'Bounce HardBounce',
      report: {
        token: '1f',
        messageId: MessageID,
        address: 'john@example.com',
        state: 'bounced',
        status: '5.1.1',
        happenedAt: new Date('2026-11-23T17:28:10.273Z'),
      },
    });
    const forged = postmarkMailEvent(bytes(bounce), Buffer.alloc(32, 2));
    expect(forged).toMatchObject({ report: { token: null } });
  });

  it.each([
    [{ Type: 'SoftBounce', Details: 'busy' }, 'bounced', '4.0.0'],
    [{ Type: 'Transient', Details: '' }, 'delayed', null],
    [{ Type: 'SpamComplaint' }, 'complained', '5.1.1'],
    [{ RecordType: 'SpamComplaint', Type: null }, 'complained', '5.1.1'],
  ])('%o is %s', (given, state, status) => {
    expect(postmarkMailEvent(bytes({ ...bounce, ...given }), KEY)).toMatchObject({
      report: { state, status },
    });
  });

  it('tells that a mail arrived, and nothing of what people do with it', () => {
    const delivered = {
      RecordType: 'Delivery',
      MessageID,
      Recipient: 'john@example.com',
      DeliveredAt: at,
      Details: 'OK',
    };
    expect(postmarkMailEvent(bytes(delivered), KEY)).toMatchObject({
      report: { state: 'delivered', reason: null },
    });
    for (const RecordType of ['Open', 'Click', 'SubscriptionChange'])
      expect(postmarkMailEvent(bytes({ RecordType, MessageID }), KEY)).toHaveProperty('ignored');
  });

  it('is known by the password in its address', () => {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(carriesPassword(basic('postmark:s:ecret'), ['old', 's:ecret'])).toBe(true);
    expect(carriesPassword(basic('postmark:secret'), ['s:ecret'])).toBe(false);
    expect(carriesPassword(basic('s:ecret'), [''])).toBe(false);
    expect(carriesPassword('Bearer secret', ['secret'])).toBe(false);
    expect(carriesPassword(undefined, ['secret'])).toBe(false);
    expect(carriesPassword(basic('a:b'), [])).toBe(false);
  });
});
