// Names of classes, interfaces and types end in a word of CONTEXT.md, or in a word of plain English that is listed in
// plain-words.txt: a stranger who meets a name finds its meaning in one place. A name means one thing: it stands in one file.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DECLARED = /^export (?:declare )?(?:abstract )?(?:class|interface|type) (\w+)/gm;
const WORDS = /[A-Z]+(?![a-z])|[A-Z][a-z0-9]*/g;
const TEST_CODE = /\.(?:test|fixture)\.tsx?$/;
/** A word, then what it is of or with, in brackets or after a comma: `Scope (of an approval)`. */
const TERM = /^\| (?<term>[^|(]+?)(?: \([^|]*\))? +\|/;

/** The page, the verifier for strangers and the quickstart are programs of their own, with words of their own. */
const OWN_PROGRAM = /^src\/(?:web|verifier|apps\/quickstart)\//;
const OF_PROTOCOL = /^src\/protocols\/(?!sql\/)(?<protocol>\w+)\//;

/** Prints each name whose last word is nowhere explained, and each that two files have; gives the exit code. */
export function checkGlossary(root, print) {
  const known = new Set([...glossaryWords(root), ...plainWords(root)]);
  const names = exportedNames(root);
  const unknown = names.filter(({ name }) => !endings(name).some((ending) => known.has(ending)));
  for (const { file, name } of unknown) {
    print(
      `${file}: ${name} ends in "${lastWord(name)}". Name it by a word of CONTEXT.md, or add the word there; a word of plain English goes into scripts/words/plain-words.txt.`,
    );
  }
  const idle = plainWords(root).filter((word) => glossaryWords(root).has(word));
  for (const word of idle) print(`plain-words.txt: "${word}" is in CONTEXT.md already; take it off here.`);
  const doubles = doubleNames(names);
  for (const { name, files } of doubles) {
    print(
      `${files.join(' and ')}: ${name} is a name of both. Give each meaning a name of its own, or one meaning one file.`,
    );
  }
  return unknown.length + idle.length + doubles.length === 0 ? 0 : 1;
}

/** Names that two files have, unless these are of two protocols: no file imports both. */
function doubleNames(names) {
  const shared = names.filter(({ file }) => !OWN_PROGRAM.test(file));
  return [...Map.groupBy(shared, ({ name }) => name)].flatMap(([name, places]) => {
    const files = [...new Set(places.map(({ file }) => file))];
    const meet = files.filter((file) => files.some((other) => other !== file && mayMeet(file, other)));
    return meet.length === 0 ? [] : [{ name, files: meet }];
  });
}

function mayMeet(file, other) {
  const [one, two] = [file, other].map((path) => OF_PROTOCOL.exec(path)?.groups.protocol);
  return one === undefined || two === undefined || one === two;
}

function exportedNames(root) {
  return globSync('src/**/*.{ts,tsx}', { cwd: root })
    .filter((file) => !TEST_CODE.test(file))
    .sort()
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(DECLARED)].map(([, name]) => ({ file, name })),
    );
}

/** The last word of each term of the table, in lower case. */
function glossaryWords(root) {
  const words = new Set();
  for (const line of readFileSync(join(root, 'CONTEXT.md'), 'utf8').split('\n')) {
    const term = TERM.exec(line)?.groups.term;
    for (const one of term?.split(',') ?? []) words.add(singular(one.trim().split(' ').at(-1)));
  }
  return words;
}

function plainWords(root) {
  const text = readFileSync(join(root, 'scripts', 'words', 'plain-words.txt'), 'utf8');
  return text.split('\n').flatMap((line) => (line.startsWith('#') ? [] : line.split(' ').filter(Boolean)));
}

function lastWord(name) {
  return name.match(WORDS)?.at(-1) ?? name;
}

/** The last word, and the last two as a word with a hyphen: `SignIn` is a sign-in. */
function endings(name) {
  const words = name.match(WORDS) ?? [name];
  return [singular(words.at(-1)), singular(words.slice(-2).join('-'))];
}

function singular(word) {
  const lower = word.toLowerCase();
  if (lower.length < 4 || lower === 'news' || /(?:ss|us|is)$/.test(lower)) return lower;
  if (lower.endsWith('ies')) return `${lower.slice(0, -3)}y`;
  return lower.replace(/(?<=ch|sh|ss|x)es$|s$/, '');
}

if (process.argv[1] === import.meta.filename) {
  const root = process.argv[2] ?? join(import.meta.dirname, '..', '..');
  process.exitCode = checkGlossary(root, (line) => process.stdout.write(`${line}\n`));
}
