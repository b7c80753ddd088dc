import * as fc from 'fast-check';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { rounds } from '../../../../test/support/rounds.js';
import { type XmlElement, attributeOf, elementsOf, textOf } from './xml-element.js';
import { XmlFault, type XmlFaultKind } from './xml-fault.js';
import { type XmlLimits, readXml } from './xml-reader.js';

/** The reader of the SAML library; its own types would bring those of a browser into the whole project. */
const { DOMParser } = createRequire(import.meta.url)('@xmldom/xmldom') as {
  DOMParser: new () => { parseFromString(text: string, type: 'text/xml'): { documentElement: DomNode } };
};

const LIMITS: XmlLimits = { elements: 100, depth: 8, attributes: 8, comments: 'refused' };

function faultOf(text: string, limits = LIMITS): XmlFaultKind | 'read' {
  try {
    readXml(text, limits);
    return 'read';
  } catch (error) {
    if (error instanceof XmlFault) return error.kind;
    throw error;
  }
}

describe('the reader of XML', () => {
  it('gives names with their namespaces, attributes and texts', () => {
    const root = readXml(
      `<?xml version="1.0" encoding="UTF-8"?>\n<a:r xmlns:a="urn:a" xmlns="urn:d" x="1&#65;" a:x='2'><b>t &lt;&#x42;&amp;</b>\r\n<c xmlns=""/></a:r>\n`,
      LIMITS,
    );
    expect(root).toMatchObject({ name: 'r', namespace: 'urn:a' });
    expect(attributeOf(root, 'x')).toBe('1A');
    expect(root.attributes).toContainEqual({ name: 'x', namespace: 'urn:a', value: '2' });
    expect(elementsOf(root).map(({ name, namespace }) => [name, namespace])).toStrictEqual([
      ['b', 'urn:d'],
      ['c', ''],
    ]);
    expect(elementsOf(root).map(textOf)).toStrictEqual(['t <B&', '']);
    expect(root.children[1]).toBe('\n');
  });

  it.each<[string, XmlFaultKind]>([
    ['', 'not-well-formed'],
    ['text', 'not-well-formed'],
    ['<a>', 'not-well-formed'],
    ['<a></b>', 'not-well-formed'],
    ['<a></A>', 'not-well-formed'],
    ['</a>', 'not-well-formed'],
    ['<a/>text', 'not-well-formed'],
    ['<a/><a/>', 'not-well-formed'],
    ['<a b="1" b="2"/>', 'not-well-formed'],
    ['<a xmlns:p="urn:p" xmlns:q="urn:p" p:b="1" q:b="2"/>', 'not-well-formed'],
    ['<a xmlns:p="urn:p" xmlns:p="urn:q"/>', 'not-well-formed'],
    ['<a b/>', 'not-well-formed'],
    ['<a b=1/>', 'not-well-formed'],
    ['<a b="1"c="2"/>', 'not-well-formed'],
    ['<a b="<"/>', 'not-well-formed'],
    ['<a / >', 'not-well-formed'],
    ['<a>]]></a>', 'not-well-formed'],
    ['<a:b:c xmlns:a="urn:a"/>', 'not-well-formed'],
    ['<1/>', 'not-well-formed'],
    ['< a/>', 'not-well-formed'],
    ['<a></a b>', 'not-well-formed'],
    ['<!DOCTYPE a><a/>', 'doctype'],
    ['<a><!ENTITY b "c"></a>', 'doctype'],
    ['<a><!-- b --></a>', 'comment'],
    ['<a><![CDATA[b]]></a>', 'cdata'],
    ['<a><?b c?></a>', 'instruction'],
    [' <?xml version="1.0"?><a/>', 'instruction'],
    ['<?xml version="1.1"?><a/>', 'encoding'],
    ['<?xml version="1.0" encoding="UTF-7"?><a/>', 'encoding'],
    ['<?xml-stylesheet href="a"?><a/>', 'encoding'],
    ['<a>&b;</a>', 'entity'],
    ['<a>&</a>', 'entity'],
    ['<a>& amp;</a>', 'entity'],
    ['<a>&#0;</a>', 'entity'],
    ['<a>&#xD800;</a>', 'entity'],
    ['<a>&#x110000;</a>', 'entity'],
    ['<a b="&b;"/>', 'entity'],
    ['<a>\u0001</a>', 'character'],
    ['<a>\uFFFE</a>', 'character'],
    ['<p:a/>', 'namespace'],
    ['<a p:b="c"/>', 'namespace'],
    ['<a xmlns:p=""/>', 'namespace'],
    ['<a xmlns:p="relative"/>', 'namespace'],
    ['<a xmlns:xml="urn:x"/>', 'namespace'],
    ['<a xmlns:xmlns="urn:x"/>', 'namespace'],
    ['<a xmlns="http://www.w3.org/2000/xmlns/"/>', 'namespace'],
    ['<a>'.repeat(9), 'too-large'],
    [`<a>${'<b/>'.repeat(100)}</a>`, 'too-large'],
    ['<a b="" c="" d="" e="" f="" g="" h="" i="" j=""/>', 'too-large'],
  ])('%s: %s', (text, kind) => {
    expect(faultOf(text)).toBe(kind);
  });

  it('passes over comments where it may, and joins the text around them', () => {
    const limits: XmlLimits = { ...LIMITS, comments: 'passed-over' };
    expect(textOf(readXml('<!-- a --><a>b<!-- c -->d</a><!-- e -->', limits))).toBe('bd');
    expect(faultOf('<a><!-- b -- c --></a>', limits)).toBe('not-well-formed');
    expect(faultOf('<a><!-- b </a>', limits)).toBe('not-well-formed');
  });

  it('reads whatever it reads as the reader of the library does', () => {
    fc.assert(
      fc.property(document(), (text) => {
        const read = readXml(text, { ...LIMITS, elements: 1_000, depth: 32 });
        expect(read).toStrictEqual(domElement(new DOMParser().parseFromString(text, 'text/xml').documentElement));
      }),
      { numRuns: rounds(2_000) },
    );
  });

  it('throws nothing but faults, whatever it is given', () => {
    const pieces = [
      '<',
      '>',
      '/',
      '=',
      '"',
      "'",
      '&',
      ';',
      '#',
      'a',
      ':',
      ' ',
      '!',
      '?',
      '-',
      '[',
      ']',
      'xmlns',
      '\u0000',
      'é',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (parts) => {
        expect(faultOf(parts.join(''))).toBeTypeOf('string');
      }),
      { numRuns: rounds(20_000) },
    );
  });

  it('takes time in proportion to the text', () => {
    const many = { elements: 1e6, depth: 1e6, attributes: 1e6, comments: 'refused' } as const;
    for (const text of [
      '<a '.repeat(70_000),
      `<a${' '.repeat(200_000)}`,
      '<a>'.repeat(70_000),
      `<a b="${'&'.repeat(200_000)}`,
    ]) {
      expect(faultOf(text, many)).not.toBe('read');
    }
  });
});

/** Documents that are well-formed, with namespaces, references and line ends. */
function document(): fc.Arbitrary<string> {
  const name = fc.constantFrom('a', 'b', 'p:a', 'p:b', 'q:c');
  const text = fc
    .array(fc.constantFrom('t', ' ', '\n', '\r\n', '&amp;', '&#x9;', '&#13;', '&lt;', '>', 'é', '𐍈', "'"), {
      maxLength: 5,
    })
    .map((parts) => parts.join(''));
  const value = fc
    .array(fc.constantFrom('v', ' ', '\n', '&quot;', '&#10;', '&apos;', 'é'), { maxLength: 4 })
    .map((parts) => parts.join(''));
  const attributes = fc
    .uniqueArray(fc.tuple(fc.constantFrom('x', 'y', 'p:x', 'q:y', 'xml:lang', 'xmlns:p', 'xmlns'), value), {
      selector: ([key]) => key,
      maxLength: 4,
    })
    .map((all) => all.map(([key, given]) => ` ${key}="${key.startsWith('xmlns') ? 'urn:other' : given}"`).join(''));
  const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
    element: fc
      .tuple(name, attributes, tie('content'))
      .map(([tag, given, content]) => `<${tag}${given}>${content}</${tag}>`),
    content: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      text,
      fc.tuple(text, tie('element'), text).map((parts) => parts.join('')),
    ),
  }));
  return element.map((content) => `<root xmlns:p="urn:p" xmlns:q="urn:q">${content}</root>`);
}

interface DomNode {
  readonly nodeType: number;
  readonly nodeValue: string | null;
  readonly localName?: string;
  readonly namespaceURI?: string | null;
  readonly prefix?: string | null;
  readonly nodeName: string;
  readonly attributes?: ArrayLike<DomNode>;
  readonly childNodes?: ArrayLike<DomNode>;
}

function domElement(node: DomNode): XmlElement {
  const attributes = Array.from(node.attributes ?? []).filter(({ nodeName }) => !/^xmlns(?::|$)/.test(nodeName));
  const children = Array.from(node.childNodes ?? []).map((child) =>
    child.nodeType === 1 ? domElement(child) : (child.nodeValue ?? ''),
  );
  return {
    name: node.localName ?? '',
    namespace: node.namespaceURI ?? '',
    attributes: attributes.map((attribute) => ({
      name: attribute.localName ?? '',
      namespace: attribute.namespaceURI ?? '',
      value: attribute.nodeValue ?? '',
    })),
    children: joined(children),
  };
}

/** One text in place of several that follow each other. */
function joined(children: readonly (XmlElement | string)[]): (XmlElement | string)[] {
  const all: (XmlElement | string)[] = [];
  for (const child of children) {
    const last = all.at(-1);
    if (typeof child === 'string' && typeof last === 'string') all[all.length - 1] = last + child;
    else if (child !== '') all.push(child);
  }
  return all;
}
