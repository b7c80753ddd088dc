import {
  type DetailedError,
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import { BrokerError } from '../kernel/errors.js';
import { AnnotationFault, type PolicyNotes, notesOf } from './annotations.js';
import type { CedarSchema } from './common-schema.js';
import { nestingFault, POLICY_CHARACTERS_MAX, positionOf, type TextFault } from './policy-text.js';

/** Policies under one name, as an operator writes them: any number of Cedar policies in one text. */
export interface NamedPolicyText {
  readonly name: string;
  readonly text: string;
}

/** One Cedar policy. */
export interface ParsedPolicy {
  /** `<name>#<id>`: the annotation `@id`, else its place in the text, from 0. */
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** Its own text, comments before it left out. */
  readonly text: string;
  /** Where it begins in the text under its name, from 1. */
  readonly line: number;
  readonly json: PolicyJson;
  readonly notes: PolicyNotes;
}

/**
 * The policies of one text: parsed, without templates, and with annotations that are known.
 * @throws BrokerError `policy_invalid` with `policy`, `line`, `column` and `reason`
 */
export function parsePolicies({ name, text }: NamedPolicyText): readonly ParsedPolicy[] {
  const fault = textFault(text);
  if (fault !== undefined) throw invalid(name, fault);
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') throw invalid(name, faultOf(text, parts.errors[0]));
  const pieces = inOrder(parts.policies);
  const starts = startsOf(text, pieces);
  if (parts.policy_templates.length > 0) {
    throw invalid(name, {
      ...positionAt(text, text.search(/\?(?:principal|resource)/)),
      reason: 'Templates cannot be used.',
    });
  }
  const taken = new Set<string>();
  return pieces.map((piece, index): ParsedPolicy => {
    const at = positionAt(text, starts[index] ?? 0);
    const read = policyToJson(piece);
    if (read.type === 'failure') throw invalid(name, { ...at, reason: messageOf(read.errors[0]) });
    const notes = notesOf(read.json.annotations ?? {});
    if (notes instanceof AnnotationFault) throw invalid(name, { ...at, reason: notes.reason });
    const id = `${name}#${notes.id ?? index}`;
    if (taken.has(id)) throw invalid(name, { ...at, reason: `Two policies have the id ${notes.id ?? index}.` });
    taken.add(id);
    return { id, effect: read.json.effect, text: piece, line: at.line, json: read.json, notes };
  });
}

/**
 * What of a text that was parsed does not fit a schema; undefined when all of it fits.
 * @returns `policy_invalid`, as {@link parsePolicies} throws it
 */
export function schemaFault({ name, text }: NamedPolicyText, schema: CedarSchema): BrokerError | undefined {
  const validated = validate({ schema, policies: { staticPolicies: text } });
  if (validated.type === 'failure') return invalid(name, faultOf(text, validated.errors[0]));
  const [error] = validated.validationErrors;
  return error === undefined ? undefined : invalid(name, faultOf(text, error.error));
}

function textFault(text: string): TextFault | undefined {
  if (text.length > POLICY_CHARACTERS_MAX) {
    return { line: 1, column: 1, reason: `The text is longer than ${POLICY_CHARACTERS_MAX} characters.` };
  }
  return nestingFault(text);
}

/** Cedar gives the policies sorted by the names it gave them: policy0, policy1, policy10, policy11, policy2. */
function inOrder(pieces: readonly string[]): readonly string[] {
  const places = pieces.map((_, index) => String(index)).sort();
  const ordered = pieces.map(() => '');
  for (const [index, place] of places.entries()) ordered[Number(place)] = pieces[index] ?? '';
  return ordered;
}

/** Where each policy begins. Each is a verbatim piece of the text, and they come one after the other. */
function startsOf(text: string, pieces: readonly string[]): readonly number[] {
  let from = 0;
  return pieces.map((piece) => {
    const start = Math.max(text.indexOf(piece, from), from);
    from = start + piece.length;
    return start;
  });
}

function positionAt(text: string, index: number) {
  return positionOf(text, Buffer.byteLength(text.slice(0, Math.max(index, 0))));
}

function faultOf(text: string, error: DetailedError | undefined): TextFault {
  const place = error?.sourceLocations?.[0];
  const expected = place?.label;
  const hint = error?.help ?? expected;
  const reason = `${messageOf(error)}${hint === null || hint === undefined ? '' : ` (${hint})`}`;
  return { ...positionOf(text, place?.start ?? 0), reason };
}

/** Without Cedar's own name for the policy, which nobody wrote. */
function messageOf(error: DetailedError | undefined): string {
  const message = error?.message ?? 'it cannot be parsed';
  return message.replace(/^for policy `[^`]*`, /, '').replace(/^failed to parse policies from string: /, '');
}

function invalid(policy: string, { line, column, reason }: TextFault): BrokerError {
  return new BrokerError('policy_invalid', {
    detail: `Policy ${policy}, line ${line}, column ${column}: ${reason}`,
    fields: { policy, line, column, reason },
  });
}
