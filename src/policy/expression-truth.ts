/** Facts of the context that are known, by their names. */
type KnownFacts = Readonly<Record<string, boolean>>;

type Truth = boolean | undefined;
type Operator = (truth: (part: unknown) => Truth, operand: Readonly<Record<string, unknown>>) => Truth;

/** Cedar's operators on truths; whatever else an expression has is not known. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  '!': (truth, { arg }) => not(truth(arg)),
  '||': (truth, { left, right }) => either(truth(left), truth(right)),
  '&&': (truth, { left, right }) => not(either(not(truth(left)), not(truth(right)))),
  '==': (truth, { left, right }) => same(truth(left), truth(right)),
  '!=': (truth, { left, right }) => not(same(truth(left), truth(right))),
};

/**
 * What a condition in Cedar's JSON form says when only some facts of the context are known: true or false where these
 * alone decide it, undefined where anything else has a say.
 */
export function truthOf(expression: unknown, known: KnownFacts): Truth {
  if (!isRecord(expression)) return undefined;
  const [entry] = Object.entries(expression);
  if (entry === undefined) return undefined;
  const [operator, operand] = entry;
  if (operator === 'Value') return typeof operand === 'boolean' ? operand : undefined;
  if (!isRecord(operand)) return undefined;
  if (operator === '.') return factOf(operand, known);
  if (operator === 'has') return factOf(operand, known) === undefined ? undefined : true;
  return OPERATORS[operator]?.((part) => truthOf(part, known), operand);
}

/** `context.unparsed`, or `context has unparsed`. */
function factOf({ left, attr }: Readonly<Record<string, unknown>>, known: KnownFacts): Truth {
  const name: unknown = Array.isArray(attr) ? attr[0] : attr;
  if (!isRecord(left) || left['Var'] !== 'context' || typeof name !== 'string') return undefined;
  return Object.hasOwn(known, name) ? known[name] : undefined;
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function either(first: Truth, second: Truth): Truth {
  if (first === true || second === true) return true;
  return first === false && second === false ? false : undefined;
}

function same(first: Truth, second: Truth): Truth {
  return first === undefined || second === undefined ? undefined : first === second;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
