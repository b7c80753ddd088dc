import { expect, it } from 'vitest';
import type { Entry, EntryFields } from '../../../recording/entries/entries.js';
import { sessionClosed, statement } from '../../../recording/testing/recordings.js';
import { tracesIn } from './recorded-traces.js';

const CHAIN = { seq: 1, prev: '0'.repeat(64), at: '2026-01-31T12:00:00.000000Z', mono: 0 };

async function* recorded(...entries: readonly EntryFields[]): AsyncGenerator<Entry> {
  for (const entry of entries) yield { ...CHAIN, ...entry };
}

it('a dead gateway’s recording tells which XA transactions have to be rolled back, each once', async () => {
  const found = await tracesIn(
    recorded(
      statement(1, "XA START 'a'"),
      statement(2, "XA PREPARE 'a'"),
      statement(3, 'SELECT 1'),
      { ...statement(4), body: { textBase64: Buffer.from("XA START '\xff'", 'latin1').toString('base64') } },
      sessionClosed,
    ),
  );
  expect(found).toEqual({ xaIds: ["X'61',X'',1", "X'ff',X'',1"], threads: [] });
});

it('what a newer gateway has recorded besides the text hides no transaction', async () => {
  const newer = { ...statement(1), body: { text: "XA BEGIN 'b'", addedLater: true } };
  expect((await tracesIn(recorded(newer))).xaIds).toEqual(["X'62',X'',1"]);
});
