import type { DecideWay, TransactionHold } from '../domain/approval.js';

/** What the annotations of one policy say. */
export interface PolicyNotes {
  readonly id: string | null;
  readonly why: string | null;
  readonly warning: string | null;
  /** Null: the policy says nothing about it. */
  readonly approvers: readonly string[] | null;
  readonly quorum: number | null;
  readonly decideIn: DecideWay | null;
  readonly reauthenticateSeconds: number | null;
  readonly holdSeconds: number | null;
  readonly inTransaction: TransactionHold | null;
  readonly transactionHoldSeconds: number | null;
  readonly slackChannels: readonly string[] | null;
}

const QUORUM_MAX = 10;
const HOLD_SECONDS_MAX = 7 * 86_400;
/** In less time nobody signs in again and reads the question. */
const REAUTHENTICATE_SECONDS_MIN = 60;
const APPROVERS_MAX = 20;
const SLACK_CHANNELS_MAX = 5;
const TEXT_CHARACTERS_MAX = 500;

const UNIT_SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };

/** An annotation that cannot be used, in words. */
export class AnnotationFault {
  constructor(readonly reason: string) {}
}

const READERS = {
  id: word,
  description: line,
  why: line,
  warning: line,
  approvers,
  quorum: (value: string) => whole(value, QUORUM_MAX),
  decideIn: decideWay,
  reauthenticate: signInAge,
  hold: seconds,
  inTransaction: transactionHold,
  transactionHold: seconds,
  slack: slackChannels,
};

/**
 * Reads a policy's annotations. One that nobody knows is a fault: `@approver` for `@approvers` would let anyone approve.
 */
export function notesOf(annotations: Readonly<Record<string, string | null>>): PolicyNotes | AnnotationFault {
  const unknown = Object.keys(annotations).find((name) => !Object.hasOwn(READERS, name));
  if (unknown !== undefined) {
    return new AnnotationFault(`There is no annotation @${unknown}; there are @${Object.keys(READERS).join(', @')}.`);
  }
  const faults: AnnotationFault[] = [];
  const take = <T>(name: string, read: (value: string) => T | AnnotationFault): T | null => {
    if (!Object.hasOwn(annotations, name)) return null;
    const value = read(annotations[name] ?? '');
    if (!(value instanceof AnnotationFault)) return value;
    faults.push(new AnnotationFault(`@${name} ${value.reason}`));
    return null;
  };
  const notes: PolicyNotes = {
    id: take('id', READERS.id),
    why: take('why', READERS.why),
    warning: take('warning', READERS.warning),
    approvers: take('approvers', READERS.approvers),
    quorum: take('quorum', READERS.quorum),
    decideIn: take('decideIn', READERS.decideIn),
    reauthenticateSeconds: take('reauthenticate', READERS.reauthenticate),
    holdSeconds: take('hold', READERS.hold),
    inTransaction: take('inTransaction', READERS.inTransaction),
    transactionHoldSeconds: take('transactionHold', READERS.transactionHold),
    slackChannels: take('slack', READERS.slack),
  };
  take('description', READERS.description);
  return faults[0] ?? notes;
}

function word(value: string): string | AnnotationFault {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) return value;
  return new AnnotationFault('must be 1 to 64 letters, digits, ".", "_" and "-".');
}

function line(value: string): string | AnnotationFault {
  const text = value.trim();
  if (text !== '' && text.length <= TEXT_CHARACTERS_MAX && /^[^\p{Cc}\p{Cf}]*$/u.test(text)) return text;
  return new AnnotationFault(`must be one line of 1 to ${TEXT_CHARACTERS_MAX} characters.`);
}

function approvers(value: string): readonly string[] | AnnotationFault {
  const groups = value.split(',').map((group) => group.trim());
  const areNames = groups.every((group) => /^[a-z0-9][a-z0-9._-]{0,63}$/.test(group));
  if (areNames && groups.length <= APPROVERS_MAX) return [...new Set(groups)].sort();
  return new AnnotationFault('must name groups, with commas between: @approvers("dba,security").');
}

function slackChannels(value: string): readonly string[] | AnnotationFault {
  const ids = [...new Set(value.split(',').map((id) => id.trim()))].sort();
  if (ids.every((id) => /^[CG][A-Z0-9]{1,29}$/.test(id)) && ids.length <= SLACK_CHANNELS_MAX) return ids;
  return new AnnotationFault(
    `must have 1 to ${SLACK_CHANNELS_MAX} ids of Slack channels, and not their names, with commas between: @slack("C0123ABCD,C0456EFGH").`,
  );
}

function whole(value: string, max: number): number | AnnotationFault {
  if (/^[1-9]\d{0,5}$/.test(value) && Number(value) <= max) return Number(value);
  return new AnnotationFault(`must be a whole number from 1 to ${max}.`);
}

function seconds(value: string): number | AnnotationFault {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd]?)$/.exec(value) ?? [];
  const total = Number(count) * (UNIT_SECONDS[unit ?? ''] ?? Number.NaN);
  if (total <= HOLD_SECONDS_MAX) return total;
  return new AnnotationFault('must be a time of at most 7 days: "30s", "10m", "2h", "1d", or seconds.');
}

function decideWay(value: string): DecideWay | AnnotationFault {
  return value === 'web' ? value : new AnnotationFault('must be "web".');
}

function signInAge(value: string): number | AnnotationFault {
  const age = seconds(value);
  if (age instanceof AnnotationFault || age >= REAUTHENTICATE_SECONDS_MIN) return age;
  return new AnnotationFault('must be a time of at least a minute: "15m".');
}

function transactionHold(value: string): TransactionHold | AnnotationFault {
  if (value === 'hold' || value === 'refuse' || value === 'rollback') return value;
  return new AnnotationFault('must be "refuse", "hold" or "rollback".');
}
