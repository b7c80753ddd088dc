import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { eventPayload } from '../contracts/channels/event.js';
import { EVENT_TYPES, isEventType } from '../domain/event.js';

const DOCS = new URL('../../docs/', import.meta.url);
const DOCUMENT = readFileSync(new URL('webhooks.md', DOCS), 'utf8');
const SCHEMA = fileURLToPath(new URL('webhook-events.schema.json', DOCS));

const types = Object.keys(EVENT_TYPES).filter(isEventType);

it('docs/webhook-events.schema.json is what the code says; write it again with -u', async () => {
  const payloads = types.map((type) => {
    const { $schema: _, ...schema } = z.toJSONSchema(eventPayload(type), {
      // Members may be added: anyone who checks with the schema must not refuse them.
      override: ({ jsonSchema }) => void delete jsonSchema.additionalProperties,
    });
    return { title: type, description: EVENT_TYPES[type], ...schema };
  });
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Events of Doorwarden, as webhooks are sent them',
    oneOf: payloads,
  };
  await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot(SCHEMA);
});

it('docs/webhooks.md lists every type, with what it means', () => {
  const listed = [...DOCUMENT.matchAll(/^\| `([a-z]+\.[a-z_]+)` +\| (.+?) +\|$/gm)].map(([, type, what]) => [
    type,
    what,
  ]);
  expect(listed).toEqual(Object.entries(EVENT_TYPES));
});

it('the examples of docs/webhooks.md are payloads', () => {
  const examples = [...DOCUMENT.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = '']) => JSON.parse(text));
  expect(examples.length).toBeGreaterThan(2);
  for (const example of examples) {
    expect(isEventType(example.type)).toBe(true);
    expect(eventPayload(example.type).parse(example)).toEqual(example);
  }
});
