/** An element of a document that {@link readXml} has read. Prefixes are gone: names are local, with their namespace. */
export interface XmlElement {
  /** The local name. */
  readonly name: string;
  /** Empty: none. */
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  /** Elements and texts as they follow each other; two texts never do. */
  readonly children: readonly (XmlElement | string)[];
}

/** An attribute without declarations of namespaces. */
export interface XmlAttribute {
  readonly name: string;
  /** Empty: none, which is the usual case. */
  readonly namespace: string;
  readonly value: string;
}

/** The value of the attribute of that name that is in no namespace. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((attribute) => attribute.name === name && attribute.namespace === '')?.value;
}

export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string');
}

/** The children of that name and namespace. */
export function childrenOf(element: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return elementsOf(element).filter((child) => isNamed(child, namespace, name));
}

export function isNamed(element: XmlElement, namespace: string, name: string): boolean {
  return element.name === name && element.namespace === namespace;
}

/** The text of an element that has nothing else; undefined where it has elements. */
export function textOf(element: XmlElement): string | undefined {
  const texts = element.children.filter((child) => typeof child === 'string');
  return texts.length === element.children.length ? texts.join('') : undefined;
}

/** The element and all in it, each with the element that it stands in, in no promised order; without recursion. */
export function* everyElement(root: XmlElement): Generator<{ element: XmlElement; parent: XmlElement | undefined }> {
  const waiting: { element: XmlElement; parent: XmlElement | undefined }[] = [{ element: root, parent: undefined }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next;
    for (const child of elementsOf(next.element)) waiting.push({ element: child, parent: next.element });
  }
}
