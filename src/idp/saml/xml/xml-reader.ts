import { characters } from './xml-characters.js';
import { type NamespaceScope, ROOT_SCOPE, isNamespaceDeclaration, scopeWithin } from './xml-namespaces.js';
import { type XmlAttribute, type XmlElement } from './xml-element.js';
import { XmlFault } from './xml-fault.js';

/** The limits of one document. */
export interface XmlLimits {
  readonly elements: number;
  /** How deep elements may stand in each other; the root is 1. */
  readonly depth: number;
  /** Of one element, declarations of namespaces included. */
  readonly attributes: number;
  /** Comments, which others write into files by hand, are passed over; else they are refused. */
  readonly comments: 'refused' | 'passed-over';
}

interface Open {
  readonly tag: string;
  readonly scope: NamespaceScope;
  readonly element: XmlElement & { readonly children: (XmlElement | string)[] };
}

interface Tag {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
  readonly isClosed: boolean;
}

const DECLARATION =
  /^<\?xml\s+version\s*=\s*(["'])1\.0\1(?:\s+encoding\s*=\s*(["'])([A-Za-z0-9._-]+)\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\4)?\s*\?>/;
/** Names in ASCII, which is all that SAML has; at most one prefix. */
const NAME = /[A-Za-z_][A-Za-z0-9._-]*(?::[A-Za-z_][A-Za-z0-9._-]*)?/y;
const SPACE = /[ \t\r\n]*/y;
const NO_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/**
 * Reads a strict part of XML 1.0: elements, attributes, namespaces, text and the references that need no DTD. Document
 * types, processing instructions and CDATA are refused, comments too unless the limits pass over them, and everything
 * that is not well-formed: where one reader forgives and another does not, a signature covers something else than what
 * is read. Takes time in proportion to the text and does not recurse.
 * @throws XmlFault
 */
export function readXml(text: string, limits: XmlLimits): XmlElement {
  if (NO_CHARACTER.test(text)) throw new XmlFault('character');
  return new XmlReading(text, limits).root();
}

class XmlReading {
  private at = 0;
  private elements = 0;
  private readonly open: Open[] = [];
  private read: XmlElement | undefined;

  constructor(
    private readonly text: string,
    private readonly limits: XmlLimits,
  ) {}

  root(): XmlElement {
    this.passDeclaration();
    for (;;) {
      const tagAt = this.text.indexOf('<', this.at);
      this.takeText(tagAt < 0 ? this.text.length : tagAt);
      if (tagAt < 0) break;
      this.takeMarkup();
    }
    if (this.read === undefined || this.open.length > 0) throw new XmlFault('not-well-formed');
    return this.read;
  }

  private passDeclaration(): void {
    if (!this.text.startsWith('<?xml')) return;
    const declaration = DECLARATION.exec(this.text);
    if (!declaration) throw new XmlFault('encoding');
    if ((declaration[3] ?? 'utf-8').toLowerCase() !== 'utf-8') throw new XmlFault('encoding');
    this.at = declaration[0].length;
  }

  private takeText(end: number): void {
    const text = this.text.slice(this.at, end);
    this.at = end;
    if (text === '') return;
    const parent = this.open.at(-1)?.element;
    if (parent === undefined) {
      if (/[^ \t\r\n]/.test(text)) throw new XmlFault('not-well-formed');
      return;
    }
    if (text.includes(']]>')) throw new XmlFault('not-well-formed');
    const value = characters(text);
    const last = parent.children.at(-1);
    if (typeof last === 'string') parent.children[parent.children.length - 1] = last + value;
    else parent.children.push(value);
  }

  private takeMarkup(): void {
    if (this.text.startsWith('</', this.at)) this.takeEnd();
    else if (this.text.startsWith('<?', this.at)) throw new XmlFault('instruction');
    else if (this.text.startsWith('<!', this.at)) this.takeDeclared();
    else this.takeStart();
  }

  private takeDeclared(): void {
    if (this.text.startsWith('<![CDATA[', this.at)) throw new XmlFault('cdata');
    if (!this.text.startsWith('<!--', this.at)) throw new XmlFault('doctype');
    const end = this.text.indexOf('--', this.at + 4);
    if (this.limits.comments === 'refused') throw new XmlFault('comment');
    if (end < 0 || this.text[end + 2] !== '>') throw new XmlFault('not-well-formed');
    this.at = end + 3;
  }

  private takeStart(): void {
    this.at += 1;
    const tag = this.takeTag();
    if (this.read !== undefined && this.open.length === 0) throw new XmlFault('not-well-formed');
    this.elements += 1;
    if (this.elements > this.limits.elements || this.open.length >= this.limits.depth) throw new XmlFault('too-large');
    const scope = scopeWithin(this.open.at(-1)?.scope ?? ROOT_SCOPE, tag.attributes);
    const element = { ...scope.element(tag.name), attributes: attributesIn(tag, scope), children: [] };
    this.open.at(-1)?.element.children.push(element);
    this.read ??= element;
    if (!tag.isClosed) this.open.push({ tag: tag.name, scope, element });
  }

  private takeEnd(): void {
    this.at += 2;
    const name = this.takeName();
    this.passSpace();
    this.take('>');
    if (this.open.pop()?.tag !== name) throw new XmlFault('not-well-formed');
  }

  /** From the name to the `>`. */
  private takeTag(): Tag {
    const name = this.takeName();
    const attributes: { name: string; value: string }[] = [];
    for (;;) {
      const spaces = this.passSpace();
      const next = this.text[this.at];
      if (next === '>' || next === '/') {
        const isClosed = next === '/';
        if (isClosed) this.take('/');
        this.take('>');
        return { name, attributes, isClosed };
      }
      if (spaces === 0) throw new XmlFault('not-well-formed');
      if (attributes.length >= this.limits.attributes) throw new XmlFault('too-large');
      attributes.push(this.takeAttribute());
    }
  }

  private takeAttribute(): { name: string; value: string } {
    const name = this.takeName();
    this.passSpace();
    this.take('=');
    this.passSpace();
    const quote = this.text[this.at];
    if (quote !== '"' && quote !== "'") throw new XmlFault('not-well-formed');
    const end = this.text.indexOf(quote, this.at + 1);
    if (end < 0) throw new XmlFault('not-well-formed');
    const value = this.text.slice(this.at + 1, end);
    if (value.includes('<')) throw new XmlFault('not-well-formed');
    this.at = end + 1;
    // A line break or tab in a value is a space; one that is written as a reference stays.
    return { name, value: characters(value.replaceAll(/\r\n|[\t\r\n]/g, ' ')) };
  }

  private takeName(): string {
    NAME.lastIndex = this.at;
    const name = NAME.exec(this.text)?.[0];
    if (name === undefined) throw new XmlFault('not-well-formed');
    this.at += name.length;
    return name;
  }

  private passSpace(): number {
    SPACE.lastIndex = this.at;
    const length = SPACE.exec(this.text)?.[0].length ?? 0;
    this.at += length;
    return length;
  }

  private take(character: string): void {
    if (this.text[this.at] !== character) throw new XmlFault('not-well-formed');
    this.at += 1;
  }
}

/** The attributes that declare no namespace; the same name twice is refused, under any prefix. */
function attributesIn(tag: Tag, scope: NamespaceScope): readonly XmlAttribute[] {
  const attributes = tag.attributes
    .filter(({ name }) => !isNamespaceDeclaration(name))
    .map(({ name, value }) => ({ ...scope.attribute(name), value }));
  const names = new Set(attributes.map(({ namespace, name }) => `${namespace} ${name}`));
  if (names.size !== attributes.length) throw new XmlFault('not-well-formed');
  return attributes;
}
