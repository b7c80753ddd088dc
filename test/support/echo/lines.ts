import { z } from 'zod';
import type { EchoAction, EchoFacts } from './vocabulary.js';

export const ROOM = /^[a-z0-9-]{1,32}$/;
export const VERBS = ['SAY', 'SHOUT', 'LINGER', 'WIPE'] as const;
export type Verb = (typeof VERBS)[number];

/** Rooms with the verbs that may be said in them. */
export const echoAccess = z.strictObject({ room: z.string().regex(ROOM), verbs: z.array(z.enum(VERBS)).min(1) });
export type EchoAccess = z.infer<typeof echoAccess>;

const ACTION_OF: Readonly<Record<Verb, EchoAction>> = { SAY: 'say', SHOUT: 'shout', LINGER: 'shout', WIPE: 'wipe' };

/** A line that a client sent, read. */
export interface EchoLine {
  readonly line: string;
  /** The first word, whatever it is. */
  readonly verb: string;
  readonly facts: EchoFacts;
}

export function readLine(line: string): EchoLine {
  const [verb = '', room = '', ...words] = line.split(' ');
  const known = VERBS.find((one) => one === verb);
  const text = words.join(' ');
  const loud = text !== '' && text === text.toUpperCase();
  if (known === undefined) return { line, verb, facts: notUnderstood(loud, 'nobody knows its verb') };
  if (!ROOM.test(room)) return { line, verb, facts: notUnderstood(loud, 'it names no room') };
  return { line, verb, facts: { action: ACTION_OF[known], room, loud, reason: null } };
}

/** Whether a grant's access has what a line would do. What is not understood is in no access. */
export function isWithin(access: readonly EchoAccess[], { verb, facts }: EchoLine): boolean {
  return access.some(({ room, verbs }) => room === facts.room && verbs.some((one) => one === verb));
}

function notUnderstood(loud: boolean, reason: string): EchoFacts {
  return { action: 'mumble', room: null, loud, reason };
}
