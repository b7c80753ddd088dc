import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { recordingJsonSchema } from './format-schema.js';
import { inScratch, sealFixture, statement, unpack } from './testing/recordings.js';
import { entriesOf } from './testing/sealed-members.js';

const DOCUMENT = fileURLToPath(new URL('../../docs/recording.schema.json', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../../test/fixtures/recordings/', import.meta.url));

const holds = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(recordingJsonSchema());

/** What is not as the schema says in a sealed file. */
async function wrongIn(path: string): Promise<readonly string[]> {
  const members = await unpack(path);
  const lines = (await entriesOf(members)).trimEnd().split('\n');
  const texts = [members.get('manifest.json')?.toString('utf8') ?? '', ...lines];
  return texts.filter((text) => !holds(JSON.parse(text)));
}

describe('the JSON Schema of recordings', () => {
  it('is what the code says; write it again with -u', async () => {
    await expect(`${JSON.stringify(recordingJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(DOCUMENT);
  });

  it.each(globSync('*.tar', { cwd: GOLDEN }))('holds for what was sealed before: %s', async (name) => {
    expect(await wrongIn(GOLDEN + name)).toEqual([]);
  });

  it('holds for what is sealed now', async () => {
    await inScratch(async (directory) => {
      const { path } = await sealFixture(directory, { statements: 3, responseBytes: 10 });
      expect(await wrongIn(path)).toEqual([]);
    });
  });

  it('knows what it does not know', () => {
    const chain = { seq: 1, prev: '0'.repeat(64), at: '2026-01-31T12:00:00.000001Z', mono: 0.5 };
    const bulk = { types: [{ type: 'LONG', unsigned: true }], rows: [[1], [null], [{ base64: 'AA==' }]] };
    const withoutText = JSON.parse(JSON.stringify({ ...statement(1), text: undefined }));
    expect(holds({ ...chain, ...statement(1) })).toBe(true);
    expect(holds({ ...chain, ...withoutText, textBase64: 'AA==', characterSet: 'gbk' })).toBe(true);
    expect(holds({ ...chain, ...statement(1), bulk })).toBe(true);
    for (const wrong of [
      { ...chain, ...statement(1), further: 1 },
      { ...chain, ...withoutText },
      { ...chain, ...statement(1), verdict: 'maybe' },
      { ...chain, ...statement(1), session: 0 },
      { ...chain, ...statement(1), bulk: { ...bulk, rows: [] } },
      { ...chain, ...statement(1), bulk: { ...bulk, rows: [[{ indicator: 'other' }]] } },
      { ...chain, type: 'statement' },
      { type: 'none' },
    ]) {
      expect(holds(wrong), JSON.stringify(wrong)).toBe(false);
    }
  });
});
