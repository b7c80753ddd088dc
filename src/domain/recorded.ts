/** The types of a recording's entries (docs/recording-format.md). */
export const ENTRY_TYPES = [
  'grant.opened',
  'session.opened',
  'session.refused',
  'session.closed',
  'operation',
  'note',
  'refused',
  'approval.asked',
  'approval.decided',
  'forwarded',
  'result',
  'stream',
  'grant.closing',
  'grant.closed',
] as const;

/** What an operation does to the target where it is run. */
export const EFFECTS = ['change', 'read', 'none'] as const;
export type Effect = (typeof EFFECTS)[number];

/** What a reader of a recording jumps to. */
export const MARK_KINDS = ['write', 'held', 'denied', 'error', 'session'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];
