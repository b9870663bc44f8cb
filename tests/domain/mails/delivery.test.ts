import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DELIVERY_STATES,
  type DeliveryState,
  deliveryOf,
  isForGood,
  supersedes,
} from '../../../domain/mails/delivery.ts';

/** As the record takes events in, one after the other. */
const after = (told: readonly DeliveryState[]) =>
  told.reduce<DeliveryState | null>(
    (known, state) => (supersedes(state, known) ? state : known),
    null,
  );

describe('what became of a mail', () => {
  it('is the same in whatever order, and however often, it is told', () => {
    const events = fc.array(fc.constantFrom(...DELIVERY_STATES), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(events, fc.infiniteStream(fc.nat()), (told, chance) => {
        const shuffled = [...told, ...told]
          .map((state) => [chance.next().value as number, state] as const)
          .sort(([a], [b]) => a - b)
          .map(([, state]) => state);
        expect(after(shuffled)).toBe(after(told));
      }),
    );
  });

  it('is the worst of its recipients, and delivered once all have it', () => {
    const to = ['A@x.example', 'b@x.example'];
    const at = (...told: [string, DeliveryState][]) =>
      deliveryOf(
        to,
        told.map(([address, state]) => ({ address, state })),
      );
    expect(at()).toBe('sent');
    expect(at(['a@x.example', 'delivered'])).toBe('sent');
    expect(at(['a@x.example', 'delivered'], ['b@x.example', 'delivered'])).toBe('delivered');
    expect(at(['a@x.example', 'delayed'], ['b@x.example', 'delivered'])).toBe('delayed');
    expect(at(['a@x.example', 'complained'], ['b@x.example', 'bounced'])).toBe('bounced');
    expect(at(['a@x.example', 'complained'], ['b@x.example', 'delivered'])).toBe('complained');
    // An address that the mail no longer goes to says nothing about it.
    expect(at(['old@x.example', 'bounced'])).toBe('sent');
    expect(deliveryOf([], [])).toBe('sent');
  });

  it.each([
    ['5.1.1', true],
    ['5.2.1', true],
    ['5.7.1', true],
    [null, true],
    ['5.2.2', false],
    ['5.2.20', true],
    ['5.4.4', false],
    ['5.3.0', false],
    ['4.4.7', false],
  ])('of status %s is for good: %s', (status, forGood) => {
    expect(isForGood(status)).toBe(forGood);
  });
});
