/** What keeps somebody from overwriting what they have not seen: which columns moved, what is sent, what is said. */
import { describe, expect, it } from 'vitest';
import { changedSince, changedWords, typedAnew } from '../../web/data/seen.ts';

const shown = { name: 'Ann', phone: null, receives: ['invoice'], role: 'billing' };

describe('a row that was shown', () => {
  it('has moved where a column says something else; nothing, an empty text and an empty list are one', () => {
    expect(changedSince(shown, { ...shown, account: 'A-1' })).toEqual([]);
    expect(changedSince(shown, { ...shown, phone: '' })).toEqual([]);
    expect(changedSince({ receives: [] }, { receives: null })).toEqual([]);
    expect(changedSince(shown, { ...shown, phone: '1', receives: ['invoice', 'key'] })).toEqual([
      'phone',
      'receives',
    ]);
    expect(changedSince(shown, {})).toEqual(['name', 'receives', 'role']);
    expect(changedSince({ disabled: false }, { disabled: true })).toEqual(['disabled']);
  });

  it('is changed by what was typed anew alone, so that another’s change beside it stays', () => {
    expect(typedAnew({ ...shown, phone: '5' }, shown)).toEqual({ phone: '5' });
    expect(typedAnew({ ...shown, phone: '', receives: null }, shown)).toEqual({ receives: null });
    expect(typedAnew({ ...shown }, shown)).toEqual({});
  });

  it('is told with what it says now', () => {
    const now = { phone: '', receives: ['invoice', 'key'], disabled: true };
    const labels = { phone: 'Phone', receives: 'Receives', disabled: 'Disabled' };
    expect(changedWords(['phone', 'receives', 'disabled'], now, labels)).toBe(
      'Phone is now empty; Receives is now “invoice, key”; Disabled is now yes. ' +
        'What you typed is still here: save again to put it in its place.',
    );
  });
});
