import { type XmlElement, childrenOf, elementsOf } from './xml/xml-element.js';

/** Whether the children are of these names, and none is there twice; no text stands between them. */
export function hasOnlyOneOfEach(element: XmlElement, allowed: readonly (readonly [string, string])[]): boolean {
  const isText = element.children.some((child) => typeof child === 'string' && child.trim() !== '');
  const children = elementsOf(element);
  const fitting = allowed.map(([namespace, name]) => childrenOf(element, namespace, name).length);
  const known = fitting.reduce((sum, count) => sum + count, 0);
  return !isText && known === children.length && fitting.every((count) => count <= 1);
}
