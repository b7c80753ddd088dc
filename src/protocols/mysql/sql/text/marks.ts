import type { Flavour } from '../../flavour.js';

/** Marks of one byte that may stand next to anything. */
const SINGLE: ReadonlySet<number> = new Set(Buffer.from('(),;+*/%^~.{}-'));

const LESS = 0x3c;
const EQUAL = 0x3d;
const GREATER = 0x3e;
const BANG = 0x21;
const AMPERSAND = 0x26;
const PIPE = 0x7c;
const COLON = 0x3a;
const MINUS = 0x2d;

/** How long the operator or punctuation mark is that begins at `at`; 0 when the servers know none like it. */
export function markLength(text: Uint8Array, at: number, flavour: Flavour): number {
  const byte = text[at] ?? 0;
  const next = at + 1 < text.length ? (text[at + 1] ?? 0) : 0;
  const afterNext = at + 2 < text.length ? (text[at + 2] ?? 0) : 0;
  switch (byte) {
    case MINUS:
      if (next !== GREATER || flavour === 'mariadb') return 1;
      return afterNext === GREATER ? 3 : 2;
    case AMPERSAND:
    case PIPE:
      return next === byte ? 2 : 1;
    case COLON:
      return next === EQUAL ? 2 : 1;
    case LESS:
      return lessLength(next, afterNext);
    case EQUAL:
      return isComparison(next) ? 0 : 1;
    case BANG:
      return next === EQUAL ? 2 : isComparison(next) ? 0 : 1;
    case GREATER:
      return next === EQUAL || next === GREATER ? 2 : isComparison(next) ? 0 : 1;
    default:
      return SINGLE.has(byte) ? 1 : 0;
  }
}

/** The servers take up to three bytes of comparison together, and know no operator for most of them. */
function lessLength(next: number, afterNext: number): number {
  if (!isComparison(next)) return 1;
  if (next === EQUAL && afterNext === GREATER) return 3;
  const isAlone = !(afterNext === EQUAL || afterNext === GREATER || afterNext === BANG);
  return next !== BANG && isAlone ? 2 : 0;
}

function isComparison(byte: number): boolean {
  return byte === LESS || byte === EQUAL || byte === GREATER || byte === BANG;
}
