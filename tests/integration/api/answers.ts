/** What tests read out of the API's answers. */
import { expect } from 'vitest';
import type { Problem } from '../../../api/types.ts';
import type { Scene } from './fixture.ts';

type Answer = ReturnType<Scene['as']>;

/** What it holds; the test fails with the whole answer where it has another status. */
export async function ok<T>(answer: Answer, status: number): Promise<T> {
  const { statusCode, body, json } = await answer;
  expect(statusCode, body).toBe(status);
  return json<T>();
}

/** What it refuses, as `code: detail`. */
export async function problem(answer: Answer): Promise<string> {
  const { code, detail } = (await answer).json<Problem>();
  return `${code}: ${detail}`;
}
