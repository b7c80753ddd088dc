import { shownLine } from '../../domain/visible-text.js';
import { demand } from './saml-check.js';
import { ASSERTION } from './saml-names.js';
import { type XmlElement, attributeOf, childrenOf, elementsOf, isNamed, textOf } from './xml/xml-element.js';

/** Attributes by name, each with its values in order; one value is a list of one. */
export type SamlAttributes = Readonly<Record<string, readonly string[]>>;

const ATTRIBUTES_MAX = 200;
const VALUES_MAX = 2_000;
const NAME_CHARACTERS_MAX = 256;
const VALUE_CHARACTERS_MAX = 4_096;

/**
 * The attributes of an assertion. Values stay as they are, whatever characters they have; a value that is no text, but
 * has elements, is left out. The same name twice is one attribute with the values of both.
 * @throws BrokerError signin_refused, by `saml_attributes` where there are too many
 */
export function attributesIn(statement: XmlElement | undefined): SamlAttributes {
  if (statement === undefined) return {};
  const attributes = elementsOf(statement);
  demand(
    attributes.every((attribute) => isNamed(attribute, ASSERTION, 'Attribute')),
    'saml_attributes',
  );
  demand(attributes.length <= ATTRIBUTES_MAX, 'saml_attributes');
  const values = new Map<string, string[]>();
  let count = 0;
  for (const attribute of attributes) {
    const name = attributeOf(attribute, 'Name') ?? '';
    demand(name !== '' && name.length <= NAME_CHARACTERS_MAX && shownLine(name) === name, 'saml_attributes');
    const texts = textsOf(attribute);
    count += texts.length;
    demand(count <= VALUES_MAX, 'saml_attributes');
    values.set(name, [...(values.get(name) ?? []), ...texts]);
  }
  return Object.fromEntries(values);
}

function textsOf(attribute: XmlElement): string[] {
  const given = childrenOf(attribute, ASSERTION, 'AttributeValue');
  const texts = given.map(textOf).filter((text) => text !== undefined);
  demand(
    texts.every((text) => text.length <= VALUE_CHARACTERS_MAX),
    'saml_attributes',
  );
  return texts;
}
