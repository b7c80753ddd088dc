import { StreamLanguage, type StreamParser, type StringStream } from '@codemirror/language';

/** Words that begin or join a policy. https://docs.cedarpolicy.com/policies/syntax-grammar.html */
const KEYWORDS: ReadonlySet<string> = new Set(
  'permit forbid when unless if then else in is like has true false'.split(' '),
);
const VARIABLES: ReadonlySet<string> = new Set(['principal', 'action', 'resource', 'context']);

const cedar: StreamParser<object> = {
  name: 'cedar',
  startState: () => ({}),
  token: (stream) => tokenOf(stream),
  languageData: { commentTokens: { line: '//' }, closeBrackets: { brackets: ['(', '[', '{', '"'] } },
};

/** Cedar's policies, coloured token by token: what is right or wrong, the broker says. */
export const cedarLanguage = StreamLanguage.define(cedar);

function tokenOf(stream: StringStream): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match('//')) {
    stream.skipToEnd();
    return 'comment';
  }
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string';
  if (stream.match(/^@[A-Za-z_]\w*/)) return 'annotation';
  if (stream.match(/^\d+/)) return 'number';
  if (stream.match(/^(?:&&|\|\||[=!<>]=|[!<>+*-])/)) return 'operator';
  const begin = stream.pos;
  if (!stream.match(/^[A-Za-z_]\w*/)) {
    stream.next();
    return null;
  }
  return nameToken(stream.string.slice(begin, stream.pos), stream.match(/^\s*::/, false) !== null);
}

function nameToken(word: string, isNamespace: boolean): string {
  if (KEYWORDS.has(word)) return 'keyword';
  if (VARIABLES.has(word)) return 'variableName';
  return isNamespace ? 'typeName' : 'propertyName';
}
