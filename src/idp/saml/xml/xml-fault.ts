/** Why {@link readXml} does not read a document. */
export type XmlFaultKind =
  | 'doctype'
  | 'comment'
  | 'cdata'
  | 'instruction'
  | 'entity'
  | 'encoding'
  | 'character'
  | 'namespace'
  | 'too-large'
  | 'not-well-formed';

/** A document that {@link readXml} does not read. It has nothing of the document in it. */
export class XmlFault extends Error {
  constructor(readonly kind: XmlFaultKind) {
    super(`XML is not read: ${kind}`);
    this.name = 'XmlFault';
  }
}
