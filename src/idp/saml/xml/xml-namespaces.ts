import { XmlFault } from './xml-fault.js';

const XML = 'http://www.w3.org/XML/1998/namespace';
const XMLNS = 'http://www.w3.org/2000/xmlns/';
/** An absolute address: one reader refuses to canonicalise under a relative one, and then signs and reads nothing. */
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/;

/** A name with its namespace; empty: none. */
export interface ExpandedName {
  readonly name: string;
  readonly namespace: string;
}

/** Which prefixes mean which namespaces in one element. */
export interface NamespaceScope {
  readonly prefixes: ReadonlyMap<string, string>;
  element(name: string): ExpandedName;
  attribute(name: string): ExpandedName;
}

export const ROOT_SCOPE: NamespaceScope = scopeOf(new Map([['xml', XML]]));

export function isNamespaceDeclaration(attribute: string): boolean {
  return attribute === 'xmlns' || attribute.startsWith('xmlns:');
}

/**
 * The scope of an element that stands in another and has these attributes.
 * @throws XmlFault `namespace` at a declaration that is none
 */
export function scopeWithin(
  outer: NamespaceScope,
  attributes: readonly { readonly name: string; readonly value: string }[],
): NamespaceScope {
  const declared = attributes.filter(({ name }) => isNamespaceDeclaration(name));
  if (declared.length === 0) return outer;
  if (new Set(declared.map(({ name }) => name)).size !== declared.length) throw new XmlFault('not-well-formed');
  const prefixes = new Map(outer.prefixes);
  for (const { name, value } of declared) {
    const prefix = name === 'xmlns' ? '' : name.slice('xmlns:'.length);
    const isNone = prefix === '' && value === '';
    const isReserved = prefix === 'xml' || prefix === 'xmlns' || value === XML || value === XMLNS;
    if (isReserved || !(isNone || ABSOLUTE.test(value))) throw new XmlFault('namespace');
    prefixes.set(prefix, value);
  }
  return scopeOf(prefixes);
}

function scopeOf(prefixes: ReadonlyMap<string, string>): NamespaceScope {
  const expand = (qualified: string, unprefixed: string): ExpandedName => {
    const colon = qualified.indexOf(':');
    if (colon < 0) return { name: qualified, namespace: unprefixed };
    const namespace = prefixes.get(qualified.slice(0, colon));
    if (namespace === undefined) throw new XmlFault('namespace');
    return { name: qualified.slice(colon + 1), namespace };
  };
  return {
    prefixes,
    element: (name) => expand(name, prefixes.get('') ?? ''),
    attribute: (name) => expand(name, ''),
  };
}
