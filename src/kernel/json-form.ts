/**
 * What a JSON value must be, in the part of JSON Schema (2020-12) that the schemas of contracts come to. A form is read
 * without the package that those are written with: that takes longer to load than a command to do its work.
 */
export interface JsonForm {
  readonly $schema?: string;
  readonly $defs?: Readonly<Record<string, JsonForm>>;
  readonly $ref?: string;
  readonly anyOf?: readonly JsonForm[];
  /** Forms of which no value has two, since one of their properties tells them apart. */
  readonly oneOf?: readonly JsonForm[];
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonForm | false;
  /** Of the first of them; `items` is that of the others. */
  readonly prefixItems?: readonly JsonForm[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonForm>>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonForm;
  /** False: what else the object has is left out. */
  readonly additionalProperties?: JsonForm | false;
}

declare const READ: unique symbol;

/** A form that says which type has what is read by it. */
export interface TypedForm<T> extends JsonForm {
  readonly [READ]?: T;
}

/** Where a value has another form. */
interface Misfit {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What came of reading a value; where it fails, `issues` has one that says why. */
export type FormOutcome<T> =
  | { readonly success: true; readonly data: T; readonly error?: undefined }
  | { readonly success: false; readonly data?: undefined; readonly error: { readonly issues: readonly Misfit[] } };

/** All that a form may say. Another word would be a rule that nobody keeps. */
const WORDS: ReadonlySet<string> = new Set<keyof JsonForm>([
  '$schema',
  '$defs',
  '$ref',
  'anyOf',
  'oneOf',
  'type',
  'const',
  'enum',
  'minLength',
  'pattern',
  'minimum',
  'maximum',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'properties',
  'required',
  'propertyNames',
  'additionalProperties',
]);
const DEFINITIONS = '#/$defs/';

/** Reads a value of JSON; what the form leaves out of objects is left out. @throws Error for a form with another word */
export function readForm<T>(form: TypedForm<T>, value: unknown): FormOutcome<T> {
  try {
    const read = new FormReader(form.$defs ?? {}).read(form, value, []);
    return { success: true, data: read as T }; // the form says so: it is made of a schema of this type
  } catch (error) {
    if (error instanceof MisfitFound) return { success: false, error: { issues: [error.misfit] } };
    throw error;
  }
}

class MisfitFound extends Error {
  readonly misfit: Misfit;

  constructor(misfit: Misfit) {
    super(misfit.message);
    this.misfit = misfit;
  }
}

type Path = readonly PropertyKey[];

/** @throws MisfitFound */
class FormReader {
  readonly #definitions: Readonly<Record<string, JsonForm>>;

  constructor(definitions: Readonly<Record<string, JsonForm>>) {
    this.#definitions = definitions;
  }

  read(form: JsonForm, value: unknown, path: Path): unknown {
    for (const word of Object.keys(form)) if (!WORDS.has(word)) throw new Error(`A form says ${word}`);
    if (form.$ref !== undefined) return this.read(this.#named(form.$ref), value, path);
    const among = form.anyOf ?? form.oneOf;
    if (among !== undefined) return this.#readAny(among, value, path);
    const type = typeIn(form, value, path);
    requireBounds(form, value, path);
    if (type === 'array') return this.#readList(form, value, path);
    return type === 'object' ? this.#readObject(form, value, path) : value;
  }

  #named(reference: string): JsonForm {
    const form = this.#definitions[reference.slice(DEFINITIONS.length)];
    if (form === undefined || !reference.startsWith(DEFINITIONS)) throw new Error(`No form has the name ${reference}`);
    return form;
  }

  #readAny(forms: readonly JsonForm[], value: unknown, path: Path): unknown {
    let first: unknown;
    for (const form of forms) {
      try {
        return this.read(form, value, path);
      } catch (error) {
        if (!(error instanceof MisfitFound)) throw error;
        first ??= error;
      }
    }
    throw first;
  }

  #readList({ prefixItems = [], items = {}, ...bounds }: JsonForm, value: unknown, path: Path): unknown {
    if (!Array.isArray(value)) return value;
    const { minItems = 0, maxItems = items === false ? prefixItems.length : Infinity } = bounds;
    if (value.length < minItems || value.length > maxItems) throw misfit(path, 'has another length');
    return value.map((one, index) => this.read(prefixItems[index] ?? (items || {}), one, [...path, index]));
  }

  #readObject(form: JsonForm, value: unknown, path: Path): unknown {
    const { properties = {}, required = [], additionalProperties: others = {}, propertyNames } = form;
    const given = new Map(Object.entries(Object(value)));
    for (const name of required) if (!given.has(name)) throw misfit([...path, name], 'is missing');
    const read: [string, unknown][] = [];
    for (const [name, one] of given) {
      if (propertyNames !== undefined) this.read(propertyNames, name, [...path, name]);
      const own = Object.hasOwn(properties, name) ? properties[name] : others;
      if (own !== undefined && own !== false) read.push([name, this.read(own, one, [...path, name])]);
    }
    return Object.fromEntries(read);
  }
}

/** The type that the form and the value have in common; undefined where the form says none. */
function typeIn({ type }: JsonForm, value: unknown, path: Path): string | undefined {
  if (type === undefined) return undefined;
  const types = typeof type === 'string' ? [type] : type;
  const found = types.find((name) => isOfType(name, value));
  if (found === undefined) throw misfit(path, `must be of type ${types.join(' or ')}`);
  return found;
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`A form says the type ${type}`);
  }
}

function requireBounds(form: JsonForm, value: unknown, path: Path): void {
  const { enum: among = 'const' in form ? [form.const] : undefined } = form;
  if (among !== undefined && !among.includes(value)) throw misfit(path, `must be one of ${among.join(', ')}`);
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = form;
    if (value < minimum || value > maximum) throw misfit(path, 'is out of bounds');
  }
  if (typeof value === 'string') {
    const { minLength = 0, pattern } = form;
    if (value.length < minLength) throw misfit(path, 'is too short');
    if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) throw misfit(path, 'is written otherwise');
  }
}

function misfit(path: Path, message: string): MisfitFound {
  return new MisfitFound({ path, message });
}
