import { createHash } from 'node:crypto';
import type { PolicyVerdict } from '../domain/verdict.js';
import { CedarPolicies, type PolicyAnswer } from './cedar-policies.js';
import { holdTermsOf, transactionHoldSecondsOf } from './hold-terms.js';
import { type NamedPolicyText, parsePolicies, schemaFault } from './policy-parse.js';
import { type PolicySight, sightOf } from './policy-sight.js';
import { actionGroupsOf, schemaOf } from './schema.js';
import type { PolicyCase, PolicyVocabulary, Question } from './vocabulary.js';

/** Policies that were parsed and validated together; immutable. */
export interface PolicySet {
  /** Names this set: a digest of its policies' names and texts. */
  readonly version: string;
  /** What the policies can tell apart. */
  readonly sight: PolicySight;
  judge(asked: PolicyCase): PolicyVerdict;
}

export type { NamedPolicyText };

const VERSION_CHARACTERS = 16;
/** A statement that asks for more is denied rather than let block everybody else's. */
const QUESTIONS_MAX = 512;

/**
 * Parses and validates the policies that are in force, or would be. Each text fits the vocabulary of all protocols, or that
 * of one: it was taken before there was another, and keeps its meaning. What it does not fit it denies, since a policy
 * that cannot be evaluated is a denial.
 * @throws BrokerError `policy_invalid`, with the policy's name, line, column and reason
 */
export function compilePolicies(
  policies: readonly NamedPolicyText[],
  vocabularies: readonly PolicyVocabulary[],
): PolicySet {
  const parsed = byName(policies).flatMap((policy) => parsePolicies(policy));
  const schema = schemaOf(vocabularies);
  for (const policy of byName(policies)) {
    const fault = schemaFault(policy, schema);
    if (fault !== undefined && !fitsOne(policy, vocabularies)) throw fault;
  }
  const version = policyVersionOf(policies);
  const sight = sightOf(parsed.map(({ json }) => json));
  const cedar = new CedarPolicies({ version, policies: parsed, sight, actionGroups: actionGroupsOf(vocabularies) });
  return {
    version,
    sight,
    judge: (asked) => judge(cedar, asked),
  };
}

/**
 * Checks a text that an operator writes now: it fits the vocabulary of all protocols. A policy for a shared group of
 * actions looks at facts of one protocol only after `context has`.
 * @throws BrokerError `policy_invalid`
 */
export function assertNewPolicy(policy: NamedPolicyText, vocabularies: readonly PolicyVocabulary[]): void {
  parsePolicies(policy);
  const fault = schemaFault(policy, schemaOf(vocabularies));
  if (fault !== undefined) throw fault;
}

function fitsOne(policy: NamedPolicyText, vocabularies: readonly PolicyVocabulary[]): boolean {
  return vocabularies.some((vocabulary) => schemaFault(policy, schemaOf([vocabulary])) === undefined);
}

/** What names a set of policies, whether they are valid or not. */
export function policyVersionOf(policies: readonly NamedPolicyText[]): string {
  const hash = createHash('sha256');
  for (const { name, text } of byName(policies)) hash.update(JSON.stringify([name, text]));
  return hash.digest('hex').slice(0, VERSION_CHARACTERS);
}

function byName(policies: readonly NamedPolicyText[]): readonly NamedPolicyText[] {
  return [...policies].sort((first, second) => (first.name < second.name ? -1 : 1));
}

type Answered = readonly [Question, PolicyAnswer];

/** The strictest answer to any of the questions; no question at all is nothing that a policy permits. */
function judge(cedar: CedarPolicies, { questions, reasons, ...subject }: PolicyCase): PolicyVerdict {
  if (questions.length === 0 || questions.length > QUESTIONS_MAX) {
    return denied(
      [],
      [`It touches ${questions.length} things, and the policies can be asked about 1 to ${QUESTIONS_MAX} at a time.`],
    );
  }
  const answers: Answered[] = [];
  for (const question of questions) {
    const answer = cedar.ask(subject, question);
    if (answer.verdict === 'deny') return denialOf([question, answer], reasons());
    answers.push([question, answer]);
  }
  const held = answers.filter(([, { verdict }]) => verdict === 'hold');
  return held.length > 0 ? holdOf(held, reasons()) : allowanceOf(answers);
}

function allowanceOf(answers: readonly Answered[]): PolicyVerdict {
  const policies = answers.flatMap(([, answer]) => answer.policies);
  const seconds = transactionHoldSecondsOf(policies.map(({ notes }) => notes));
  return {
    verdict: 'allow',
    policies: sorted(policies.map(({ id }) => id)),
    hold: null,
    ...(seconds === undefined ? {} : { transactionHoldSeconds: seconds }),
    why: '',
  };
}

function holdOf(held: readonly Answered[], reasons: readonly string[]): PolicyVerdict {
  const policies = held.flatMap(([, answer]) => answer.policies);
  const ids = policies.map(({ id }) => id);
  const terms = holdTermsOf(policies.map(({ notes }) => notes));
  const asks = held.map(([question]) => question.inWords());
  const whys = policies.flatMap(({ notes }) => (notes.why === null ? [] : [sentence(notes.why)]));
  const said = reasons.length + whys.length > 0 ? [...reasons, ...whys] : [`It needs an approval: ${someOf(asks)}.`];
  return { verdict: 'hold', policies: sorted(ids), hold: terms, why: joined(said) };
}

function denialOf([question, answer]: Answered, reasons: readonly string[]): PolicyVerdict {
  const ids = answer.policies.map(({ id }) => id);
  if (answer.failure !== null) return denied(ids, [`A policy could not be evaluated: ${answer.failure}.`]);
  const whys = answer.policies.flatMap(({ notes }) => (notes.why === null ? [] : [sentence(notes.why)]));
  if (whys.length > 0) return denied(ids, whys);
  const asked = question.inWords();
  const said = ids.length === 0 ? `No policy permits ${asked}.` : `A policy forbids ${asked}.`;
  return denied(ids, [said, ...reasons]);
}

function denied(ids: readonly string[], whys: readonly string[]): PolicyVerdict {
  return { verdict: 'deny', policies: sorted(ids), hold: null, why: joined(whys) };
}

const ASKS_SHOWN_MAX = 5;

function someOf(asks: readonly string[]): string {
  const unique = [...new Set(asks)];
  const shown = unique.slice(0, ASKS_SHOWN_MAX).join(', ');
  return unique.length > ASKS_SHOWN_MAX ? `${shown} and ${unique.length - ASKS_SHOWN_MAX} more` : shown;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function joined(sentences: readonly string[]): string {
  return [...new Set(sentences)].join(' ');
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].sort();
}
