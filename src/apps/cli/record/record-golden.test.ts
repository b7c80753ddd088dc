import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { checkExport } from '../../../record/read-export.js';
import { exportOf, PUBLIC_KEY } from '../../../record/testing.fixture.js';
import { readKeys } from '../key-set.js';

/** An export that a version before this one may have written; it is never edited. */
const FOLDER = fileURLToPath(new URL('../../../../test/fixtures/administrative-record/', import.meta.url));

async function* chunks(): AsyncGenerator<Buffer> {
  yield readFileSync(`${FOLDER}format-1.jsonl`);
}

it('an export of format 1 verifies as it did, by its keys', async () => {
  const keys = await readKeys(`${FOLDER}keys.json`);
  expect(keys).toEqual([PUBLIC_KEY]);
  const report = await checkExport(chunks(), { keys });
  await expect(`${JSON.stringify(report, undefined, 2)}\n`).toMatchFileSnapshot(`${FOLDER}format-1.verify.json`);
});

it('is what this version writes, byte for byte', async () => {
  await expect((await exportOf(4)).map((line) => `${line}\n`).join('')).toMatchFileSnapshot(`${FOLDER}format-1.jsonl`);
});
