import { schemaToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type CedarSchema, COMMON_SCHEMA } from './common-schema.js';

const COMMON = jsonOf(COMMON_SCHEMA);

/** What all protocols share, in Cedar's JSON. */
export function commonSchema(): CedarSchema {
  return COMMON;
}

/**
 * What a protocol adds to that, from Cedar's schema language. To read the language takes Cedar longer than all that it does
 * with policies, so this is done when the programs are put together. @throws Error for what is no schema
 */
export function readSchema(text: string): CedarSchema {
  const whole = jsonOf(`${COMMON_SCHEMA}\n${text}`);
  return Object.fromEntries(
    Object.entries(whole).map(([namespace, { commonTypes = {}, entityTypes, actions }]) => {
      const shared = COMMON[namespace];
      return [
        namespace,
        {
          commonTypes: without(commonTypes, shared?.commonTypes),
          entityTypes: without(entityTypes, shared?.entityTypes),
          actions: without(actions, shared?.actions),
        },
      ];
    }),
  );
}

function jsonOf(text: string): CedarSchema {
  const read = schemaToJson(text);
  if (read.type === 'failure') throw new Error(`No schema of policies: ${read.errors[0]?.message ?? 'unreadable'}`);
  return read.json;
}

function without<T>(all: Readonly<Record<string, T>>, shared: object = {}): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(shared, name)));
}
