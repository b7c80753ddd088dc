import { z } from 'zod';
import { LINE_SCHEMAS } from './entries/entry-schema.js';
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
 * The JSON Schema of manifests and lines, which docs/recording.schema.json is. It says types and names; what holds between lines,
 * and that a line has one form, docs/recording-format.md says.
 */
export function recordingJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Recordings of Doorwarden',
    description: 'A manifest.json is one of the two manifests, a line of entries.jsonl one of the lines.',
    $defs: {
      'manifest-1': jsonSchemaOf(manifest1Schema),
      'manifest-2': jsonSchemaOf(manifest2Schema),
      ...Object.fromEntries(Object.entries(LINE_SCHEMAS).map(([name, schema]) => [name, jsonSchemaOf(schema)])),
      manifest: { oneOf: ['manifest-1', 'manifest-2'].map(reference) },
      line: { oneOf: Object.keys(LINE_SCHEMAS).map(reference) },
    },
    oneOf: ['manifest', 'line'].map(reference),
  };
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
