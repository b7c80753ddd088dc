import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { applyDocument } from './cli/apply/apply-document.js';
import { APPLY_KINDS } from './cli/apply/apply-kinds.js';
import { readSources } from './cli/apply/apply-source.js';

const DOCS = new URL('../../docs/', import.meta.url);
const DOCUMENT = readFileSync(new URL('apply.md', DOCS), 'utf8');
const SCHEMA = fileURLToPath(new URL('apply.schema.json', DOCS));

it('docs/apply.schema.json is what the code takes; write it again with -u', async () => {
  const schema = { title: 'Documents of doorwarden apply', ...z.toJSONSchema(applyDocument, { io: 'input' }) };
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(SCHEMA);
});

it('docs/apply.md has a document of each kind, and the table names each', async () => {
  const examples = [...DOCUMENT.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
  const documents = await readSources(['-'], () => Promise.resolve(examples.join('---\n')));
  expect(new Set(documents.map(({ document }) => document.kind))).toEqual(new Set(APPLY_KINDS));
  const listed = [...DOCUMENT.matchAll(/^\| `(\w+)` +\| /gm)].map(([, kind]) => kind);
  expect(new Set(listed)).toEqual(new Set(APPLY_KINDS));
});
