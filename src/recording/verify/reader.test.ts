import { expect, test } from 'vitest';
import { grantOpened, statement } from '../testing/recordings.js';
import { readEntries } from './reader.js';

const MIB = 1024 * 1024;

/** Lines as a reader sees them; their chain is not looked at here. */
function linesOf(texts: readonly string[]): Buffer {
  const chain = (index: number) => ({
    seq: index + 1,
    prev: '0'.repeat(64),
    at: '2026-01-31T12:00:00.000001Z',
    mono: index,
  });
  const lines = texts.map((text, index) =>
    JSON.stringify(
      index === 0
        ? { ...chain(index), ...grantOpened, task: { title: text } }
        : { ...chain(index), ...statement(index, text) },
    ),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function pages(bytes: Buffer, limit: number): Promise<readonly (readonly number[])[]> {
  const seen: number[][] = [];
  for (let afterSeq = 0, more = true; more;) {
    const page = await readEntries(() => once(bytes), { afterSeq, limit });
    const seqs = page.entries.map(({ entry }) => entry.seq);
    seen.push(seqs);
    afterSeq = seqs.at(-1) ?? afterSeq;
    more = page.more;
  }
  return seen;
}

test('pages through entries by their number', async () => {
  expect(await pages(linesOf(['a', 'b', 'c', 'd', 'e']), 2)).toEqual([[1, 2], [3, 4], [5]]);
});

test('ends a page before it grows large, and gives a large entry a page of its own', async () => {
  const large = 'x'.repeat(5 * MIB);
  const larger = 'x'.repeat(9 * MIB);
  expect(await pages(linesOf([large, 'b', large, larger, 'e']), 100)).toEqual([[1, 2], [3], [4], [5]]);
});
