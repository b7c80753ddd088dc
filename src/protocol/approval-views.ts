import type { ProtocolValue } from '../domain/protocol-value.js';

/** An operation as people are asked about it. */
export interface AskedOperationView {
  /** Exactly as it was sent. */
  readonly text: string;
  /** The same with every hidden character written out. */
  readonly shown: string;
}

/** What a text has that an earlier one had not, and the other way round; hidden characters are written out. */
export interface DifferencePart {
  readonly kind: 'same' | 'removed' | 'added';
  readonly shown: string;
}

/**
 * How a protocol shows to people what it asked them, from what the state database has of it. Whatever others wrote is
 * shown with its hidden characters written out. What was stored by an earlier version is shown, too.
 */
export interface ApprovalViews {
  /** What a list says of an operation besides its kind, action and text. `summary` has the excerpt's fields. */
  excerpt(summary: ProtocolValue): ProtocolValue;
  /** All of an operation. `question` has the body's fields. */
  operation(question: ProtocolValue): AskedOperationView & ProtocolValue;
  /** What a preview says besides when it was taken and how many rows are affected. */
  preview(preview: ProtocolValue): ProtocolValue;
  /** Whether two operations are of one kind and about the same thing first. Both have the excerpt's fields. */
  isAlike(summary: ProtocolValue, other: ProtocolValue): boolean;
  /** How an operation differs from an earlier one; null where they differ too much. Both have the body's fields. */
  difference(question: ProtocolValue, earlier: ProtocolValue): readonly DifferencePart[] | null;
  /** What operations of its shape have in common, as people are shown it; null where that is not known. */
  shape(question: ProtocolValue): string | null;
  /** Why an approval of this operation can carry no row limit, in a sentence; null when it can. */
  whyNoRowLimit(summary: ProtocolValue): string | null;
}
