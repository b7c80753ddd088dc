import { CEDAR } from '../../texts/cedar.js';

interface CedarWord {
  readonly name: string;
  readonly info: string;
}

interface AnnotationWord extends CedarWord {
  /** A value as one would write it. */
  readonly template: string;
}

const { annotations, facts, actions } = CEDAR;

/** The annotations that the broker knows; it refuses any other. */
export const ANNOTATION_WORDS: readonly AnnotationWord[] = [
  { name: 'id', template: 'orders', info: annotations.id },
  { name: 'description', template: '…', info: annotations.description },
  { name: 'why', template: '…', info: annotations.why },
  { name: 'warning', template: '…', info: annotations.warning },
  { name: 'approvers', template: 'dba,security', info: annotations.approvers },
  { name: 'quorum', template: '2', info: annotations.quorum },
  { name: 'decideIn', template: 'web', info: annotations.decideIn },
  { name: 'reauthenticate', template: '15m', info: annotations.reauthenticate },
  { name: 'hold', template: '10m', info: annotations.hold },
  { name: 'inTransaction', template: 'hold', info: annotations.inTransaction },
  { name: 'transactionHold', template: '30s', info: annotations.transactionHold },
  { name: 'slack', template: 'C0123ABCD', info: annotations.slack },
];

export const FACT_WORDS: readonly CedarWord[] = Object.entries(facts).map(([name, info]) => ({ name, info }));

export const ACTION_WORDS: readonly CedarWord[] = Object.entries(actions).map(([name, info]) => ({ name, info }));
