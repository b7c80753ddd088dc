import { isUtf8 } from 'node:buffer';
import { holds, isAscii, isUtf8CharacterSet } from '../charset/character-sets.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { RecordedValue, StatementText } from '../../sql/bound-values.js';
import { readText } from '../sql/text/read-text.js';
import type { JudgedStatement, SessionScene } from './judgement.js';

type TextIn = Pick<JudgedStatement, 'analysed' | 'text'>;

/** Reads the bytes of a text by what its session is set to; nothing but a look at them for a text of plain UTF-8. */
export function readIn(bytes: Buffer, scene: SessionScene): TextIn {
  const read = readWhole(bytes, scene);
  const { narrowedTo } = scene;
  if (narrowedTo === null || read.text === undefined || isAscii(bytes) || holds(narrowedTo, read.text)) return read;
  return UNREADABLE;
}

const UNREADABLE: TextIn = { analysed: undefined, text: undefined };

function readWhole(bytes: Buffer, { characterSet, dialect }: SessionScene): TextIn {
  const isPlain = isUtf8CharacterSet(characterSet) ? isUtf8(bytes) : isAscii(bytes);
  // A NUL byte is nothing that a text has beyond strings: one that has it elsewhere is not understood as it is.
  const read = isPlain && !bytes.includes(0) ? undefined : readText(bytes, dialect, characterSet);
  if (read !== undefined) return { analysed: read.analysed, text: read.shown };
  return isPlain ? { analysed: bytes, text: bytes.toString('utf8') } : UNREADABLE;
}

/** What a recording has of the text: the bytes as they were sent, whatever they stand for. */
export function writtenOf({ bytes, analysed, text, scene }: JudgedStatement): StatementText {
  const { characterSet } = scene;
  if (bytes === analysed && text !== undefined) return { text };
  if (!isUtf8CharacterSet(characterSet)) return { textBase64: bytes.toString('base64'), characterSet };
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { textBase64: bytes.toString('base64') };
}

/** Whether a session of this character set keeps bound texts as they are sent, in UTF-8. */
export function isAsSent({ characterSet, narrowedTo }: SessionScene): boolean {
  return isUtf8CharacterSet(characterSet) && narrowedTo === null;
}

/** Types whose values a server takes as bytes, whatever the session's character set. */
const BYTES = /_BLOB$/;
const BEYOND_ASCII = /\P{ASCII}/u;

/**
 * Bound values in a session of this character set: what is no UTF-8 there is not shown as if it were.
 * @throws BrokerError `statement_not_utf8` for a value that the session would not keep as it was sent
 */
export function valuesIn(values: readonly RecordedValue[], scene: SessionScene): readonly RecordedValue[] {
  const { characterSet, narrowedTo } = scene;
  if (isAsSent(scene)) return values;
  return values.map((value) => {
    const { type, value: text, encoding } = value;
    if (typeof text !== 'string' || encoding !== undefined || !BEYOND_ASCII.test(text)) return value;
    if (narrowedTo !== null && !BYTES.test(type) && !isKept(text, scene)) {
      throw new BrokerError('statement_not_utf8', {
        detail: 'The session would convert a bound value into other characters on its way to the target.',
      });
    }
    if (isUtf8CharacterSet(characterSet)) return value;
    return { ...value, value: Buffer.from(text, 'utf8').toString('base64'), encoding: 'base64' };
  });
}

function isKept(text: string, { characterSet, narrowedTo }: SessionScene): boolean {
  return isUtf8CharacterSet(characterSet) && narrowedTo !== null && holds(narrowedTo, text);
}
