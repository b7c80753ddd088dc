/** Why a recorded statement is not judged again. */
export const NOT_JUDGED = ['target-unknown', 'protocol-unknown', 'grant-unknown', 'text-cut', 'time-over'] as const;
export type NotJudgedCode = (typeof NOT_JUDGED)[number];

export const NOT_JUDGED_TEXTS: Readonly<Record<NotJudgedCode, string>> = {
  'target-unknown': 'There is no target of that name any more, or no gateway has looked at it.',
  'protocol-unknown': 'This version of the broker cannot judge operations of that protocol again.',
  'grant-unknown': 'The state database does not have their grants any more.',
  'text-cut': 'They are too long: only their beginning is kept where the broker looks them up.',
  'time-over': 'The call took as long as it may. Ask for fewer statements.',
};

/** What a gateway knew of a recorded statement and nobody knows when it is judged again. */
export const REPLAY_CAVEATS = ['catalog', 'labels', 'transaction'] as const;
export type ReplayCaveatCode = (typeof REPLAY_CAVEATS)[number];

export const REPLAY_CAVEAT_TEXTS: Readonly<Record<ReplayCaveatCode, string>> = {
  catalog:
    'No target was asked. A gateway knows its views, triggers and foreign keys and asks a second parser, so its verdict may be stricter.',
  labels: 'Targets have the labels that they have now.',
  transaction: 'Of some statements nobody knows whether a transaction was open. They were judged as if none was.',
};
