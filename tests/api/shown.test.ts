import { describe, expect, it } from 'vitest';
import { checkShown, withShownHash } from '../../api/shown.ts';

describe('what is shown before it is done', () => {
  const shown = withShownHash({
    words: 'Bill 3 contracts',
    changes: [{ name: 'Net', after: '1' }],
  });

  it('keeps its hash whatever order it was written in', () =>
    expect(
      withShownHash({ changes: [{ after: '1', name: 'Net' }], words: 'Bill 3 contracts' })
        .shownHash,
    ).toBe(shown.shownHash));

  it('is done as it was shown', () =>
    expect(() => checkShown(shown, shown.shownHash)).not.toThrow());

  it('is refused where a number has changed', () => {
    const now = withShownHash({ ...shown, changes: [{ name: 'Net', after: '2' }] });
    expect(() => checkShown(now, shown.shownHash)).toThrow(
      expect.objectContaining({ code: 'numbers-changed' }),
    );
  });
});
