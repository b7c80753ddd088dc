import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { recordingJsonSchema } from '../recording/format-schema.js';
import { inScratch, sealFixture, statement, unpack } from '../recording/testing/recordings.js';
import { PROTOCOLS } from './protocols.js';
import { entriesOf } from '../recording/testing/sealed-members.js';

const RECORDED = PROTOCOLS.map(({ recorded }) => recorded);
const DOCUMENT = fileURLToPath(new URL('../../docs/recording.schema.json', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../../test/fixtures/recordings/', import.meta.url));

const schema = recordingJsonSchema(RECORDED);
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true }).addSchema({ ...schema, $id: 'recording' });
const holds = ajv.compile({ $ref: 'recording' });
const isStatement = ajv.compile({ $ref: 'recording#/$defs/mysql-operation' });

/** What is not as the schema says in a sealed file. */
async function wrongIn(path: string): Promise<readonly string[]> {
  const members = await unpack(path);
  const lines = (await entriesOf(members)).trimEnd().split('\n');
  const texts = [members.get('manifest.json')?.toString('utf8') ?? '', ...lines];
  return texts.filter((text) => !holds(JSON.parse(text)));
}

describe('the JSON Schema of recordings', () => {
  it('is what the code says; write it again with -u', async () => {
    await expect(`${JSON.stringify(recordingJsonSchema(RECORDED), null, 2)}\n`).toMatchFileSnapshot(DOCUMENT);
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
    const { body } = statement(1);
    expect(holds({ ...chain, ...statement(1) })).toBe(true);
    for (const right of [body, { database: null, textBase64: 'AA==', characterSet: 'gbk' }, { ...body, bulk }]) {
      expect(isStatement(right), JSON.stringify(right)).toBe(true);
    }
    for (const wrong of [
      { ...chain, ...statement(1), further: 1 },
      { ...chain, ...statement(1), verdict: 'maybe' },
      { ...chain, ...statement(1), session: 0 },
      { ...chain, ...statement(1), body: 'text' },
      { ...chain, type: 'operation' },
      { type: 'none' },
    ]) {
      expect(holds(wrong), JSON.stringify(wrong)).toBe(false);
    }
    for (const wrong of [
      { database: null },
      { ...body, further: 1 },
      { ...body, bulk: { ...bulk, rows: [] } },
      { ...body, bulk: { ...bulk, rows: [[{ indicator: 'other' }]] } },
    ]) {
      expect(isStatement(wrong), JSON.stringify(wrong)).toBe(false);
    }
  });
});
