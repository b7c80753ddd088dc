import type { RecordedValue } from '../../../sql/bound-values.js';
import type { SqlDialect } from '../text/dialect.js';
import { decodeText } from '../text/text-literal.js';
import { NULL_SIGN, NUMBER, PARAMETER, STRING, type Tokens } from '../text/tokens.js';
import type { Span } from '../walker/statement-parts.js';

/** A value that every server reads the same way. */
export type LiteralValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'integer'; readonly value: bigint }
  /** Digits, a point and digits, with a minus before them perhaps: what is written, and not rounded. */
  | { readonly kind: 'decimal'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string };

export interface LiteralScene {
  readonly dialect: SqlDialect;
  readonly values: readonly RecordedValue[];
  /** Index of a placeholder's token → number of its value. */
  readonly parameters: ReadonlyMap<number, number>;
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * What an expression without columns is: one literal, one bound value, or sums and products of whole numbers, which
 * servers compute in 64 bits. Undefined for everything else, and for what would not fit these.
 */
export function literalValue(tokens: Tokens, span: Span, scene: LiteralScene): LiteralValue | undefined {
  const single = span.to - span.from === 1 ? singleValue(tokens, span.from, scene) : undefined;
  if (single !== undefined) return single;
  const decimal = decimalValue(tokens, span);
  if (decimal !== undefined) return decimal;
  const sum = new WholeSum(tokens, span);
  const value = sum.read();
  return value === undefined ? undefined : { kind: 'integer', value };
}

function singleValue(tokens: Tokens, index: number, scene: LiteralScene): LiteralValue | undefined {
  switch (tokens.kind(index)) {
    case STRING: {
      const text = decodeText(tokens.source(index), scene.dialect);
      return text === undefined ? undefined : { kind: 'text', text };
    }
    case NULL_SIGN:
      return { kind: 'null' };
    case PARAMETER: {
      const value = scene.values[scene.parameters.get(index) ?? -1];
      return value === undefined ? undefined : boundValue(value);
    }
    default:
      return WORDS[tokens.word(index)];
  }
}

const WORDS: Readonly<Record<string, LiteralValue>> = {
  null: { kind: 'null' },
  true: { kind: 'integer', value: 1n },
  false: { kind: 'integer', value: 0n },
};

const WHOLE_TYPES: ReadonlySet<string> = new Set(
  ['TINY', 'SHORT', 'INT24', 'LONG', 'LONGLONG'].map((name) => `MYSQL_TYPE_${name}`),
);
const TEXT_TYPES: ReadonlySet<string> = new Set(
  ['VARCHAR', 'VAR_STRING', 'STRING'].map((name) => `MYSQL_TYPE_${name}`),
);

function boundValue({ type, value, encoding }: RecordedValue): LiteralValue | undefined {
  if (value === null) return { kind: 'null' };
  if (encoding !== undefined) return undefined;
  const text = String(value);
  if (WHOLE_TYPES.has(type)) return /^-?\d{1,20}$/.test(text) ? { kind: 'integer', value: BigInt(text) } : undefined;
  return TEXT_TYPES.has(type) ? { kind: 'text', text } : undefined;
}

/** `1.50`, `-1.50`: one literal, since sums of them have digits of their own. */
function decimalValue(tokens: Tokens, { from, to }: Span): LiteralValue | undefined {
  const isNegative = tokens.word(from) === '-';
  const at = isNegative ? from + 1 : from;
  if (to - at !== 1 || tokens.kind(at) !== NUMBER) return undefined;
  const parts = /^(\d*)\.(\d+)$/.exec(tokens.source(at));
  if (parts === null) return undefined;
  const [, whole = '', fraction = ''] = parts;
  return { kind: 'decimal', text: `${isNegative ? '-' : ''}${whole === '' ? '0' : whole}.${fraction}` };
}

/** Whole numbers with `+`, `-`, `*` and parentheses. */
class WholeSum {
  readonly #tokens: Tokens;
  readonly #to: number;
  #at: number;
  #depth = 0;

  constructor(tokens: Tokens, { from, to }: Span) {
    this.#tokens = tokens;
    this.#at = from;
    this.#to = to;
  }

  read(): bigint | undefined {
    const value = this.#sum();
    return this.#at === this.#to ? value : undefined;
  }

  #sum(): bigint | undefined {
    let value = this.#product();
    for (let sign = this.#accept('+', '-'); sign !== ''; sign = this.#accept('+', '-')) {
      const next = this.#product();
      if (value === undefined || next === undefined) return undefined;
      value = within(sign === '+' ? value + next : value - next);
    }
    return value;
  }

  #product(): bigint | undefined {
    let value = this.#factor();
    while (this.#accept('*') !== '') {
      const next = this.#factor();
      if (value === undefined || next === undefined) return undefined;
      value = within(value * next);
    }
    return value;
  }

  #factor(): bigint | undefined {
    if (++this.#depth > DEPTH_MAX) return undefined;
    const sign = this.#accept('-', '+');
    if (sign !== '') {
      const value = this.#factor();
      return value === undefined ? undefined : within(sign === '-' ? -value : value);
    }
    if (this.#accept('(') !== '') {
      const value = this.#sum();
      return this.#accept(')') === '' ? undefined : value;
    }
    const source = this.#at < this.#to && this.#tokens.kind(this.#at) === NUMBER ? this.#tokens.source(this.#at) : '';
    if (!/^\d{1,19}$/.test(source)) return undefined;
    this.#at += 1;
    return within(BigInt(source));
  }

  #accept(...words: readonly string[]): string {
    const word = this.#at < this.#to ? this.#tokens.word(this.#at) : '';
    if (!words.includes(word)) return '';
    this.#at += 1;
    return word;
  }
}

/** Of all factors together: nobody writes more of them by hand. */
const DEPTH_MAX = 200;

function within(value: bigint): bigint | undefined {
  return value > INT64_MAX || value < INT64_MIN ? undefined : value;
}
