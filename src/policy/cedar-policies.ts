import { type AuthorizationAnswer, preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicySubject, Verdict } from '../domain/verdict.js';
import { assert } from '../kernel/assert.js';
import { actionEntities, actionUid, entitiesOf, principalUid, resourceUid } from './cedar-entities.js';
import type { ParsedPolicy } from './policy-parse.js';
import type { PolicySight } from './policy-sight.js';
import type { Context, PolicyVocabulary, Question } from './vocabulary.js';

/** The answer to one question, with the policies that made it so. */
export interface PolicyAnswer {
  readonly verdict: Verdict;
  readonly policies: readonly ParsedPolicy[];
  /** Why a policy could not be evaluated; the verdict is `deny` then. */
  readonly failure: string | null;
}

type SeenContext = Record<string, boolean | number | string | string[]>;

/** Answers that are kept, and how long what they answer may be: some MiB at most. */
const ANSWERS_MAX = 2_000;
const KEY_LENGTH_MAX = 2_000;

/**
 * Cedar keeps parsed policies under a name for as long as the process lives, so the names are few and used again:
 * enough for the sets in force before and after a change, and some more.
 */
const SLOTS = 8;
const slots: (string | undefined)[] = Array.from({ length: SLOTS });
let nextSlot = 0;

/** Parsed policies, as Cedar's engine knows them. */
export class CedarPolicies {
  readonly #version: string;
  readonly #policies: readonly ParsedPolicy[];
  readonly #sight: PolicySight;
  readonly #actionGroups: PolicyVocabulary['actionGroups'];
  /** By all that an answer can depend on, and nothing else. */
  readonly #answers = new Map<string, PolicyAnswer>();
  /** Principals and targets are the same objects for a whole grant. */
  readonly #namesOf = new WeakMap<object, string>();

  constructor({
    version,
    policies,
    sight,
    actionGroups,
  }: {
    readonly version: string;
    readonly policies: readonly ParsedPolicy[];
    readonly sight: PolicySight;
    readonly actionGroups: PolicyVocabulary['actionGroups'];
  }) {
    this.#version = version;
    this.#policies = policies;
    this.#sight = sight;
    this.#actionGroups = actionGroups;
  }

  /** How many answers are kept. */
  get answerCount(): number {
    return this.#answers.size;
  }

  /** Permitted as it is: allow. Permitted once approved: hold. Neither, or an error in any policy: deny. */
  ask({ principal, target }: PolicySubject, question: Question): PolicyAnswer {
    const { action, place, context } = question;
    const seen = this.#seen(context);
    // A new shape of a statement is seldom a new question: Cedar sees neither its columns nor its literals.
    const who = this.#nameOf(principal) + this.#nameOf(target);
    const key = who + JSON.stringify([action, place.type, place.id, seen]);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#askCedar({ principal, target }, question, seen);
    if (this.#answers.size >= ANSWERS_MAX) this.#answers.clear();
    if (key.length <= KEY_LENGTH_MAX) this.#answers.set(key, answer);
    return answer;
  }

  #askCedar(subject: PolicySubject, { place, action }: Question, seen: SeenContext): PolicyAnswer {
    const slot = this.#slot();
    const call = (approved: boolean) =>
      statefulIsAuthorized({
        principal: principalUid(subject.principal),
        action: actionUid(action),
        resource: resourceUid(place),
        context: { ...seen, approved },
        preparsedPolicySetId: slot,
        validateRequest: false,
        entities: [...entitiesOf(subject, place, this.#sight.labels), ...actionEntities(action, this.#actionGroups)],
      });
    const unapproved = this.#read(call(false));
    if (unapproved.failure !== null) return { verdict: 'deny', ...unapproved };
    if (unapproved.isPermitted) return { verdict: 'allow', ...unapproved };
    const approved = this.#read(call(true));
    if (approved.failure !== null || !approved.isPermitted) return { verdict: 'deny', ...approved };
    // A `forbid … unless { context.approved }` is why it is held as much as what permits it then.
    const holding = new Set([...unapproved.policies, ...approved.policies]);
    return { verdict: 'hold', policies: this.#policies.filter((policy) => holding.has(policy)), failure: null };
  }

  #read(answer: AuthorizationAnswer) {
    if (answer.type === 'failure') {
      return { isPermitted: false, policies: [], failure: answer.errors[0]?.message ?? 'no reason given' };
    }
    const { decision, diagnostics } = answer.response;
    const [error] = diagnostics.errors;
    if (error !== undefined) {
      return { isPermitted: false, policies: this.#named([error.policyId]), failure: error.error.message };
    }
    return { isPermitted: decision === 'allow', policies: this.#named(diagnostics.reason), failure: null };
  }

  /** In the order of the texts: Cedar names them in any. */
  #named(ids: readonly string[]): readonly ParsedPolicy[] {
    const named = new Set(ids);
    return this.#policies.filter(({ id }) => named.has(id));
  }

  /** Only what some policy looks at: it is handed over with every question, and that is most of a question's cost. */
  #seen(context: Context): SeenContext {
    const names = this.#sight.context;
    const seen: SeenContext = {};
    for (const [name, value] of Object.entries(context)) {
      if (names === null || names.has(name)) seen[name] = typeof value === 'object' ? [...value] : value;
    }
    return seen;
  }

  #nameOf(part: object): string {
    const known = this.#namesOf.get(part);
    if (known !== undefined) return known;
    const name = JSON.stringify(part);
    this.#namesOf.set(part, name);
    return name;
  }

  /** The name under which Cedar knows these policies now. */
  #slot(): string {
    let index = slots.indexOf(this.#version);
    if (index < 0) {
      index = nextSlot;
      nextSlot = (nextSlot + 1) % SLOTS;
      slots[index] = undefined;
      const staticPolicies = Object.fromEntries(this.#policies.map(({ id, text }) => [id, text]));
      const parsed = preparsePolicySet(String(index), { staticPolicies });
      assert(parsed.type === 'success', 'policies that were parsed parse again');
      slots[index] = this.#version;
    }
    return String(index);
  }
}
