import { z } from 'zod';
import type { TypedForm } from '../kernel/json-form.js';

/** Words for people, and one that says nothing that `pattern` does not. */
const UNREAD = ['description', 'readOnly', 'format'] as const;

/** What a schema says, as a form: for modules `*.forms.ts`, which are worked out when the programs are put together. */
export function formOf<T>(schema: z.ZodType<T>): TypedForm<T> {
  const form = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      for (const word of UNREAD) delete jsonSchema[word];
    },
  });
  return form as TypedForm<T>; // a word of it that forms do not have fails when it is read
}
