import { z } from 'zod';
import { ENVELOPE_SCHEMAS } from './entries/envelope-schema.js';
import { FORMAT_1_SCHEMAS } from './format-1/line-schema.js';
import type { RecordedProtocol } from './recorded-protocol.js';
import { manifest1Schema, manifest2Schema } from './seal/manifest.js';

type JsonSchema = Readonly<Record<string, unknown>>;

/** One value of a batch's row, as `isRecordedBulk` reads it. */
const BULK_VALUE: JsonSchema = {
  anyOf: [
    { type: ['string', 'number', 'null'] },
    object({ base64: { type: 'string' } }),
    object({ indicator: { enum: ['default', 'ignore'] } }),
  ],
};

/** What zod cannot say, because the code looks at it by hand. */
const BULK: JsonSchema = object({
  types: {
    type: 'array',
    minItems: 1,
    items: { ...object({ type: { type: 'string' }, unsigned: { const: true } }), required: ['type'] },
  },
  rows: { type: 'array', minItems: 1, items: { type: 'array', minItems: 1, items: BULK_VALUE } },
});

/**
 * The JSON Schema of manifests and lines, which docs/recording.schema.json is: `1-…` are lines of format 1, `2-…` of format 2, and
 * `mysql-…` what stands under `body` in those of this protocol. It says types and names; what holds between lines, and that a
 * line has one form, docs/recording-format.md says.
 */
export function recordingJsonSchema(protocols: readonly Pick<RecordedProtocol, 'name' | 'bodies'>[]): JsonSchema {
  const format1 = defsOf('1', FORMAT_1_SCHEMAS);
  const format2 = defsOf('2', ENVELOPE_SCHEMAS);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Recordings of Doorwarden',
    description: 'A manifest.json is one of the two manifests, a line of entries.jsonl one of the lines.',
    $defs: {
      'manifest-1': jsonSchemaOf(manifest1Schema),
      'manifest-2': jsonSchemaOf(manifest2Schema),
      ...format1,
      ...format2,
      ...Object.assign({}, ...protocols.map(({ name, bodies }) => defsOf(name, bodies))),
      manifest: { oneOf: ['manifest-1', 'manifest-2'].map(reference) },
      // A few types are the same in both formats.
      line: { anyOf: [...Object.keys(format1), ...Object.keys(format2)].map(reference) },
    },
    oneOf: ['manifest', 'line'].map(reference),
  };
}

function defsOf(prefix: string, schemas: Readonly<Record<string, z.ZodType>>): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [`${prefix}-${name}`, jsonSchemaOf(schema)]),
  );
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'custom') Object.assign(jsonSchema, BULK);
      // Its pattern says the same, and no validator has to know this format.
      if (jsonSchema.format === 'base64') delete jsonSchema.format;
    },
  });
  return json;
}

function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function reference(name: string): JsonSchema {
  return { $ref: `#/$defs/${name}` };
}
