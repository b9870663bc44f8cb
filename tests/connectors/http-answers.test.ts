import { describe, expect, it } from 'vitest';
import { retryAfterSeconds, unansweredWords } from '../../connectors/http-answers.ts';

describe('why no answer came', () => {
  it('is what caused it where that is known', () => {
    const error = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    expect(unansweredWords(error)).toBe('connect ECONNREFUSED');
  });
  it('is the error itself where nothing deeper is', () => {
    expect(unansweredWords(new Error('timed out', { cause: 'no error' }))).toBe('timed out');
    expect(unansweredWords('gone')).toBe('gone');
  });
});

describe('how long a system asks to be left alone', () => {
  it.each([
    ['30', 30],
    ['0', 0],
    ['Wed, 21 Oct 2026 07:28:00 GMT', null],
    ['1.5', null],
    ['9999999', null],
  ])('reads %s', (header, seconds) => {
    const response = new Response(null, { status: 429, headers: { 'Retry-After': header } });
    expect(retryAfterSeconds(response)).toBe(seconds);
  });
  it('knows nothing without the header', () =>
    expect(retryAfterSeconds(new Response(null, { status: 503 }))).toBeNull());
});
