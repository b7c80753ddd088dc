import type { ActionConstraint, Clause, EntityUidJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyWarningCode } from '../domain/policy-warnings.js';
import { truthOf } from './expression-truth.js';
import { actionNames } from './cedar-entities.js';
import { type NamedPolicyText, type ParsedPolicy, parsePolicies } from './policy-parse.js';
import { actionGroupsOf } from './schema.js';
import type { PolicyVocabulary } from './vocabulary.js';

/** What a valid policy says that its author should look at again. */
export interface PolicyWarning {
  /** `<policy>#<id>`. */
  readonly policy: string;
  /** Where it begins in its text, from 1. */
  readonly line: number;
  readonly code: PolicyWarningCode;
  readonly text: string;
}

/** The group of actions by which the policies are asked about what nobody understands. */
const UNCLEAR = 'unclear';
/** What a statement tells that the broker does not understand and nobody has approved. */
const UNPARSED = { unparsed: true, approved: false } as const;

const TEXT =
  'It lets statements run at once that the broker does not understand. ' +
  'Add when { !context.unparsed }, or hold them with when { context.approved }.';

/**
 * What the policies of one name say that their author should look at again, with the others that are in force beside them:
 * one of those may forbid it. It finds what permits by its form; a condition that always holds may hide it.
 * @throws BrokerError `policy_invalid`
 */
export function policyWarnings(
  { name, text }: NamedPolicyText,
  others: readonly NamedPolicyText[],
  vocabularies: readonly PolicyVocabulary[],
): readonly PolicyWarning[] {
  const groups = actionGroupsOf(vocabularies);
  const unclear = Object.keys(groups)
    .map((action) => actionNames(action, groups))
    .filter((ids) => ids.has(UNCLEAR));
  const found = parsePolicies({ name, text }).filter((policy) => permitsUnparsed(policy, unclear));
  if (found.length === 0) return [];
  const all = [{ name, text }, ...others].flatMap(parsePolicies);
  if (all.some(forbidsUnparsed)) return [];
  return found.map(({ id, line }) => ({ policy: id, line, code: 'permits-unparsed', text: TEXT }));
}

/** The conditions leave it open, or say outright, that it applies to what is not understood and not approved. */
function permitsUnparsed({ effect, json }: ParsedPolicy, unclear: readonly ReadonlySet<string>[]): boolean {
  if (effect !== 'permit' || !unclear.some((ids) => isInScope(json.action, ids))) return false;
  return !json.conditions.some((clause) => holdsFor(clause) === false);
}

/** For everybody and everything: it applies to all that is not understood and not approved. */
function forbidsUnparsed({ effect, json }: ParsedPolicy): boolean {
  const { principal, action, resource, conditions } = json;
  const isWide = principal.op === 'All' && resource.op === 'All' && isOperations(action);
  return effect === 'forbid' && isWide && conditions.every((clause) => holdsFor(clause) === true);
}

function isOperations(action: ActionConstraint): boolean {
  if (action.op === 'All') return true;
  return action.op === 'in' && namesOf(action).includes('operation');
}

function holdsFor({ kind, body }: Clause): boolean | undefined {
  const truth = truthOf(body, UNPARSED);
  if (truth === undefined) return undefined;
  return kind === 'when' ? truth : !truth;
}

function isInScope(action: ActionConstraint, ids: ReadonlySet<string>): boolean {
  return action.op === 'All' || namesOf(action).some((name) => ids.has(name));
}

function namesOf(action: Exclude<ActionConstraint, { op: 'All' }>): readonly string[] {
  const entities = 'entities' in action ? action.entities : 'entity' in action ? [action.entity] : [];
  return entities.map(nameOf);
}

/** Cedar's `Echo::Action::"shout"` is `Echo::shout`, as vocabularies name it. */
function nameOf(uid: EntityUidJson): string {
  const { type, id } = '__entity' in uid ? uid.__entity : uid;
  return `${type.replace(/Action$/, '')}${id}`;
}
