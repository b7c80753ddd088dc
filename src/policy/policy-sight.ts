import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** What a set of policies can tell apart: facts that no policy looks at need not be told, and decide nothing. */
export interface PolicySight {
  /** Attributes of the context that some policy names; null when one looks at the context as a whole. */
  readonly context: ReadonlySet<string> | null;
  /** Ids of what policies name one by one, of whatever type. */
  readonly named: ReadonlySet<string>;
  /** Whether a policy compares names of resources, so that any table may be another matter than the next. */
  readonly names: boolean;
  /** Whether a policy asks for labels of the target. */
  readonly labels: boolean;
}

interface Seen {
  readonly context: Set<string>;
  readonly named: Set<string>;
  wholeContext: boolean;
  names: boolean;
  labels: boolean;
}

/** Finds what policies look at, in their JSON form; where that is not clear, everything. */
export function sightOf(policies: readonly PolicyJson[]): PolicySight {
  const seen: Seen = { context: new Set(), named: new Set(), wholeContext: false, names: false, labels: false };
  for (const { principal, action, resource, conditions } of policies) {
    for (const part of [principal, action, resource, conditions]) walk(part, seen);
  }
  const { context, named, wholeContext, names, labels } = seen;
  return { context: wholeContext ? null : context, named, names, labels };
}

/** Operators whose operands are looked at by an attribute's name alone. */
const ATTRIBUTE_OPERATORS: ReadonlySet<string> = new Set(['.', 'has']);

function walk(node: unknown, seen: Seen): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, seen);
    return;
  }
  if (!isRecord(node)) return;
  if (typeof node['type'] === 'string' && typeof node['id'] === 'string') seen.named.add(node['id']);
  for (const [operator, operand] of Object.entries(node)) {
    if (operator === 'Var') noteBare(operand, seen);
    else if (operator === 'getTag' || operator === 'hasTag') noteTag(operand, seen);
    else if (ATTRIBUTE_OPERATORS.has(operator) && isRecord(operand)) noteAttribute(operand, seen);
    else walk(operand, seen);
  }
}

/** `context.kind`, `resource.name`, `principal.kind`; of anything deeper the root is looked at. */
function noteAttribute({ left, attr }: Readonly<Record<string, unknown>>, seen: Seen): void {
  const root = isRecord(left) ? left['Var'] : undefined;
  const name = Array.isArray(attr) ? attr[0] : attr;
  if (root === 'context' && typeof name === 'string') seen.context.add(name);
  else if (root !== 'principal' && name === 'name') seen.names = true;
  if (typeof root !== 'string') walk(left, seen);
}

function noteTag(operand: unknown, seen: Seen): void {
  seen.labels = true;
  if (!isRecord(operand)) return;
  // The resource itself is only where its labels hang.
  for (const side of [operand['left'], operand['right']]) if (!(isRecord(side) && 'Var' in side)) walk(side, seen);
}

/** The context as a value of its own; `resource in …` and `resource == …` name what they mean. */
function noteBare(variable: unknown, seen: Seen): void {
  if (variable === 'context') seen.wholeContext = true;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
