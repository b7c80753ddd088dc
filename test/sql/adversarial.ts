import { COMMENTS } from './adversarial/comments.js';
import { DYNAMIC } from './adversarial/dynamic.js';
import { LASTING } from './adversarial/lasting.js';
import { QUOTING } from './adversarial/quoting.js';
import { READS } from './adversarial/reads.js';
import { type Adversarial } from './adversarial/shape.js';
import { WRITES } from './adversarial/writes.js';

/** Statements that may be more than they seem, by what they play with. */
export const ADVERSARIAL: Readonly<Record<string, readonly Adversarial[]>> = {
  comments: COMMENTS,
  'quotes, names and spaces': QUOTING,
  'reads that are more': READS,
  'writes that hide': WRITES,
  'code in a text': DYNAMIC,
  'what lasts': LASTING,
};
