/** Why a recorded statement is not judged again. */
export const NOT_JUDGED = [
  'target-unknown',
  'protocol-unknown',
  'text-unreadable',
  'text-missing',
  'time-over',
] as const;
export type NotJudgedCode = (typeof NOT_JUDGED)[number];

/** What a gateway knew of a recorded statement and nobody knows when it is judged again. */
export const POLICY_CAVEATS = ['catalog', 'second-parser', 'transaction', 'labels'] as const;
export type PolicyCaveatCode = (typeof POLICY_CAVEATS)[number];
