// Words that make a sentence hard for a reader who does not know its author. Each has a plain word that fits wherever it
// stands, so that this check raises no false alarm; CONTRIBUTING.md has the whole rule, which no check can hold.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PLAIN = [
  { words: /\banew\b/i, instead: 'again' },
  { words: /\bwh(?:o|om)ever\b/i, instead: 'anyone who' },
  { words: /\b(?:by|for|from|of|than|to|with) who\b/i, instead: 'the one who, or the name of the actor' },
  { words: /\bwhat becomes of\b/i, instead: 'what happens to' },
];
const DOCUMENTS = ['*.md', 'docs/**/*.md', '.env.example'];
const CODE = ['src/**/*.{ts,tsx,css}', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.mjs'];
/** This file and its test name the words. */
const ABOUT_WORDS = /plain-english|words\.test\.ts$|CONTRIBUTING\.md$/;

/** Prints each line that has such a word; gives the exit code. */
export function checkPlainEnglish(root, print) {
  let found = 0;
  for (const file of globSync([...DOCUMENTS, ...CODE], { cwd: root }).sort()) {
    if (ABOUT_WORDS.test(file)) continue;
    for (const [index, line] of readFileSync(join(root, file), 'utf8').split('\n').entries()) {
      for (const { words, instead } of PLAIN) {
        const word = words.exec(line)?.[0];
        if (word === undefined) continue;
        found += 1;
        print(`${file}:${index + 1}: "${word}". Write: ${instead}.`);
      }
    }
  }
  return found === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) {
  const root = process.argv[2] ?? join(import.meta.dirname, '..', '..');
  process.exitCode = checkPlainEnglish(root, (line) => process.stdout.write(`${line}\n`));
}
