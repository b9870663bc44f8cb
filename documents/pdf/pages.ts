/**
 * Page breaks, decided before the layout runs: papers are made of blocks of known height, and each page is laid out for
 * itself. A block never breaks; one that must not stand alone at a page's end keeps with the next.
 */
import type { ReactElement } from 'react';

export interface Block {
  /** Points. */
  readonly height: number;
  readonly node: ReactElement;
  readonly keepWithNext?: boolean;
  /** Blocks to repeat on top of a page that begins with this one: a table's head, a section's name. */
  readonly onPageTop?: () => readonly Block[];
  /** Drops the block where it would be the first or last of a page: space between parts. */
  readonly isSpace?: boolean;
  /** Begins a new page. */
  readonly newPage?: boolean;
}

const heightOf = (blocks: readonly Block[]) => blocks.reduce((sum, { height }) => sum + height, 0);

/** The blocks that must stay together, from `start`: all that keep with the next, and that next one. */
function groupAt(blocks: readonly Block[], start: number): Block[] {
  const group: Block[] = [];
  for (let index = start; index < blocks.length; index += 1) {
    const block = blocks[index];
    if (block === undefined) break;
    group.push(block);
    if (block.keepWithNext !== true) break;
  }
  return group;
}

/**
 * Spreads blocks over pages of the given height (points).
 * @throws RangeError where a single block is taller than a page: makers of blocks split long texts.
 */
export function paginate(blocks: readonly Block[], pageHeight: number): Block[][] {
  const pages: Block[][] = [];
  let page: Block[] = [];
  let left = pageHeight;
  const turn = () => {
    while (page.at(-1)?.isSpace === true) page.pop();
    if (page.length > 0) pages.push(page);
    page = [];
    left = pageHeight;
  };
  for (let index = 0; index < blocks.length; ) {
    const group = groupAt(blocks, index);
    const [first] = group;
    if (first === undefined) break;
    index += group.length;
    if (first.newPage === true && page.length > 0) turn();
    if (heightOf(group) > left) turn();
    if (page.length === 0 && first.isSpace === true) continue;
    const repeated = page.length === 0 ? (first.onPageTop?.() ?? []) : [];
    for (const block of [...repeated, ...group]) {
      if (block.height > pageHeight)
        throw new RangeError(
          `a block of ${block.height} pt does not fit a page of ${pageHeight} pt`,
        );
      if (block.height > left) turn();
      page.push(block);
      left -= block.height;
    }
  }
  turn();
  return pages;
}
