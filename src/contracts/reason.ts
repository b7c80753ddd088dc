import { z } from 'zod';

const REASON_CHARACTERS_MAX = 1_000;

/** A reason in one line. */
export const reasonText = z
  .string()
  .trim()
  .min(1)
  .max(REASON_CHARACTERS_MAX)
  .regex(
    /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u,
    'must be one line without control characters, those of writing direction included',
  );

/** Why an operator changes something. */
export const reasonOfChange = reasonText
  .optional()
  .meta({ description: 'Why; it stands in the administrative record.' });
