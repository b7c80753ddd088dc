import { z } from 'zod';
import { DANGERS } from '../../domain/headline.js';

/** What lists and messages say of an approval before anything else. */
export const headlineView = z
  .object({
    verb: z.string(),
    place: z.string().meta({ description: 'What it is done to: names that others gave.' }),
    amount: z
      .string()
      .nullable()
      .meta({ description: 'How much; null where there is nothing to say, or not to this caller.' }),
    isExact: z.boolean().meta({ description: 'The amount was counted, and is no estimate.' }),
    dangers: z.array(z.enum(DANGERS)).readonly(),
  })
  .meta({ description: "The broker's own sentence, in parts: `UPDATE` `shop.orders` `1 row of 8 changes`." });

/** A fact in words: its name and what it says. A name that is empty goes on with the fact before. */
const plainField = z.tuple([z.string(), z.string()]).readonly();
export const digestView = z
  .object({
    values: z.array(plainField).readonly().meta({ description: 'The values that are sent with it.' }),
    operation: z
      .array(plainField)
      .readonly()
      .meta({ description: 'What was understood of it; of a grant, its access.' }),
    preview: z.array(plainField).readonly().meta({ description: 'What was found out besides.' }),
    sample: z
      .object({
        columns: z.array(z.string()).readonly(),
        rows: z.array(z.array(z.string().nullable()).readonly()).readonly(),
      })
      .nullable()
      .meta({ description: 'Some of the rows that it concerns.' }),
  })
  .meta({ description: 'What else is known of it, in words that need no knowledge of its protocol.' });
