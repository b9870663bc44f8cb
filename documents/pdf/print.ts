/** Papers as PDF bytes. The same document gives the same bytes. */
import { renderToBuffer } from '@react-pdf/renderer';
import type { ReactElement } from 'react';

/** Lays out and writes a paper; the heap of the process grows a little with each, so a pool of children does it. */
export async function printPaper(paper: ReactElement): Promise<Buffer> {
  return await renderToBuffer(paper as Parameters<typeof renderToBuffer>[0]);
}
