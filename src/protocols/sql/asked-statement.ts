import type { ProtocolValue } from '../../domain/protocol-value.js';
import type { AskedBulk } from './bound-values.js';
import type { RecordedValue } from './bound-values.js';
import type { StatementFacts } from './statement.js';

/** What people are asked about a statement, in full. */
export interface AskedStatement {
  /** The statement's text; a string of bytes that are no characters is shown in hexadecimal. */
  readonly text: string;
  readonly values: readonly RecordedValue[] | undefined;
  /** Rows of values that it runs with, one after the other; absent when it is no such execution. */
  readonly bulk?: AskedBulk;
  readonly facts: StatementFacts;
  /** What the text was read by, as its protocol keeps it; questions of older versions have none. */
  readonly dialect?: ProtocolValue;
}
