/** Looks at what `JSON.parse` gave: types and names of fields, as docs/recording.schema.json has them. */

export type Fields = Readonly<Record<string, unknown>>;

/** Gives the path of the first field that does not fit, or undefined when all do. */
export type Shape = (value: unknown) => string | undefined;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const SHA256 = /^[0-9a-f]{64}$/;

const FITS = undefined;
/** The value itself does not fit; objects put the field's name before it. */
const ITSELF = '';

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const text = when((value) => typeof value === 'string');
export const flag = when((value) => typeof value === 'boolean');
export const number = when((value) => typeof value === 'number' && Number.isFinite(value));
export const duration = when((value) => typeof value === 'number' && Number.isFinite(value) && value >= 0);
export const count = when((value) => isCount(value));
export const ordinal = when((value) => isCount(value) && value > 0);
export const time = when((value) => typeof value === 'string' && TIME.test(value));
export const sha256 = when((value) => typeof value === 'string' && SHA256.test(value));
export const hex = when((value) => typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value));
export const anyFields = when(isFields);
export const nothing = when((value) => value === null);

export function is(...values: readonly unknown[]): Shape {
  return when((value) => values.includes(value));
}

export function orNull(shape: Shape): Shape {
  return (value) => (value === null ? FITS : shape(value));
}

export function listOf(shape: Shape, lengthMin = 0): Shape {
  return (value) => {
    if (!Array.isArray(value) || value.length < lengthMin) return ITSELF;
    for (const [at, item] of value.entries()) {
      const wrong = shape(item);
      if (wrong !== FITS) return pathOf(String(at), wrong);
    }
    return FITS;
  };
}

/** An object with all of `required`, perhaps some of `optional`, and no others. */
export function fields(
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  const shapes = new Map(Object.entries({ ...required, ...optional }));
  const names = Object.keys(required);
  return (value) => {
    if (!isFields(value)) return ITSELF;
    const missing = names.find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) return missing;
    for (const [name, field] of Object.entries(value)) {
      const shape = shapes.get(name);
      if (shape === undefined) return `unknown field ${name}`;
      const wrong = shape(field);
      if (wrong !== FITS) return pathOf(name, wrong);
    }
    return FITS;
  };
}

/** An object with all of `required`, perhaps some of `optional`, and any others. */
export function looseFields(
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  const all = Object.entries({ ...required, ...optional });
  return (value) => {
    if (!isFields(value)) return ITSELF;
    for (const [name, shape] of all) {
      if (!Object.hasOwn(value, name) && Object.hasOwn(optional, name)) continue;
      const wrong = shape(value[name]);
      if (wrong !== FITS) return pathOf(name, wrong);
    }
    return FITS;
  };
}

/** What {@link inOrder} says of an object whose fields are the right ones, in another order. */
export const OUT_OF_ORDER = 'out of order';

/** As {@link fields}, in this order. `optional` may be absent. */
export function inOrder(shapes: Readonly<Record<string, Shape>>, optional: readonly string[] = []): Shape {
  const names = Object.keys(shapes);
  const all = fields(
    Object.fromEntries(Object.entries(shapes).filter(([name]) => !optional.includes(name))),
    Object.fromEntries(Object.entries(shapes).filter(([name]) => optional.includes(name))),
  );
  return (value) => {
    const wrong = all(value);
    if (wrong !== FITS || !isFields(value)) return wrong;
    const places = Object.keys(value).map((name) => names.indexOf(name));
    const misplaced = places.findIndex((place, at) => at > 0 && place < (places[at - 1] ?? 0));
    return misplaced === -1 ? FITS : OUT_OF_ORDER;
  };
}

function when(holds: (value: unknown) => boolean): Shape {
  return (value) => (holds(value) ? FITS : ITSELF);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function pathOf(name: string, inside: string): string {
  return inside === ITSELF ? name : `${name}.${inside}`;
}

/** Says whether two values that `JSON.parse` gave are the same, whatever the order of their fields. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => same(item, b[at]));
  if (!isFields(a) || !isFields(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  );
}
