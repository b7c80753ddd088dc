import { z } from 'zod';
import { chainHash } from '../recording/chain/chain.js';
import { ACT_OUTCOMES } from './acts.js';
import type { EntryFacts, EntryLine, RecordedCaller } from './entry.js';

/** Of one value of an entry as JSON, in bytes; a larger one is named by its digest. */
export const VALUE_BYTES_MAX = 64 * 1024;
/** Of names and reasons, which come from outside; the rest is cut. */
export const TEXT_CHARACTERS_MAX = 2_000;
export const NAME_CHARACTERS_MAX = 200;
export const SUBJECT_CHARACTERS_MAX = 300;
/** Of one line: two values, and the texts with every character escaped. */
export const LINE_BYTES_MAX = 256 * 1024;

export interface ChainPlace {
  readonly seq: number;
  readonly prev: string;
  readonly atMs: number;
}

/** The line of an entry: JSON without spaces, its members in the order of `docs/administrative-record.md`. */
export function lineOf(facts: EntryFacts, { seq, prev, atMs }: ChainPlace): EntryLine {
  const { act, who, from, request, subject, before, after, why, outcome, code, count } = facts;
  const line = JSON.stringify({
    seq,
    prev,
    at: new Date(atMs).toISOString(),
    act,
    who: boundedCaller(who),
    from: cut(from, NAME_CHARACTERS_MAX),
    request: cut(request, NAME_CHARACTERS_MAX),
    subject: { kind: subject.kind, name: cut(subject.name, SUBJECT_CHARACTERS_MAX) },
    before: boundedValue(before),
    after: boundedValue(after),
    why: cut(why, TEXT_CHARACTERS_MAX),
    outcome,
    code: cut(code, NAME_CHARACTERS_MAX),
    count,
  });
  return { seq, line, hash: chainHash(line) };
}

function boundedCaller({ principal, name, person, sponsor, signIn }: RecordedCaller): RecordedCaller {
  return {
    principal,
    name: cut(name, NAME_CHARACTERS_MAX),
    person,
    sponsor: sponsor && { name: cut(sponsor.name, NAME_CHARACTERS_MAX), isClaim: sponsor.isClaim },
    signIn: cut(signIn, NAME_CHARACTERS_MAX),
  };
}

/** A value that is too large does not keep the act from being recorded: who has it can show that it is the one. */
function boundedValue(value: object | null): object | null {
  if (value === null) return null;
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  return bytes <= VALUE_BYTES_MAX ? value : { cut: true, bytes, sha256: chainHash(text) };
}

function cut<Text extends string | null>(text: Text, charactersMax: number): Text | string {
  if (text === null || text.length <= charactersMax) return text;
  // Never between the halves of a character: half of one has no UTF-8.
  return Array.from(text.slice(0, charactersMax)).slice(0, -1).join('').concat('…');
}

const text = z.string().nullable();
const value = z.record(z.string(), z.unknown()).nullable();

/** The form of a line. An act that this version does not know is an act all the same. */
export const adminEntrySchema = z.strictObject({
  seq: z.int().min(1),
  prev: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime({ precision: 3 }),
  act: z.string(),
  who: z.strictObject({
    principal: text,
    name: text,
    person: text,
    sponsor: z.strictObject({ name: z.string(), isClaim: z.boolean() }).nullable(),
    signIn: text,
  }),
  from: text,
  request: text,
  subject: z.strictObject({ kind: z.string(), name: z.string() }),
  before: value,
  after: value,
  why: text,
  outcome: z.enum(ACT_OUTCOMES),
  code: text,
  count: z.int().min(1),
});

/** An entry as it is read: of whatever version wrote it. */
export type WrittenEntry = z.infer<typeof adminEntrySchema>;

/** The entry in a line; undefined when the line is not in the one form that an entry has. */
export function entryIn(line: string): WrittenEntry | undefined {
  const parsed = adminEntrySchema.safeParse(jsonIn(line));
  // A member that stands twice, or in another place, would be read differently by different programs.
  return parsed.success && JSON.stringify(parsed.data) === line ? parsed.data : undefined;
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
