import { stringify } from 'yaml';
import type { ApplyKind } from './apply-kinds.js';

/** A document as `export` prints it; what is undefined is left out. */
export interface WrittenDocument {
  readonly kind: ApplyKind;
  readonly name?: string;
  readonly spec: object;
}

/** As YAML, one way of writing for each value, so that texts can be compared. */
export function yamlText(value: unknown): string {
  return stringify(value, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false });
}
