// Texts of the page stand in its catalogue, src/web/texts/: there they are read together, and there alone. This check looks for
// words in the elements of src/web/**/*.tsx: between tags, and in the properties that people read.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const TEST_CODE = /\.test\.tsx$/;
const LETTER = /\p{L}/u;
/** Properties of elements and components whose value somebody reads. */
const READ =
  /^(alt|title|placeholder|label|heading|description|hint|text|message|caption|aria-(label|description|roledescription|valuetext|placeholder))$/;

/** Prints each literal text with its place; gives the exit code. */
export function checkPageTexts(root, print) {
  let found = 0;
  for (const file of globSync('src/web/**/*.tsx', { cwd: root }).sort()) {
    if (TEST_CODE.test(file)) continue;
    const source = ts.createSourceFile(
      file,
      readFileSync(join(root, file), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
      ts.ScriptKind.TSX,
    );
    for (const { node, text } of literalTexts(source)) {
      found += 1;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      print(
        `${file}:${line + 1}: "${shortened(text)}" is a text of the page. Write it in src/web/texts/ and take it from there.`,
      );
    }
  }
  return found === 0 ? 0 : 1;
}

/** All words that an element shows or a property of it says, each with the node that has them. */
function literalTexts(node) {
  const own = shownBy(node).filter(({ text }) => LETTER.test(text));
  const below = [];
  ts.forEachChild(node, (child) => void below.push(...literalTexts(child)));
  return [...own, ...below];
}

function shownBy(node) {
  if (ts.isJsxText(node)) return [{ node, text: node.text }];
  if (ts.isJsxExpression(node) && isChild(node)) return literalsOf(node.expression);
  if (ts.isJsxAttribute(node) && READ.test(node.name.getText())) {
    const value = node.initializer;
    return value !== undefined && ts.isJsxExpression(value) ? literalsOf(value.expression) : literalsOf(value);
  }
  return [];
}

function isChild({ parent }) {
  return ts.isJsxElement(parent) || ts.isJsxFragment(parent);
}

/** The literals that an expression may come to; what a call is given is not among them. */
function literalsOf(node) {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [{ node, text: node.text }];
  if (ts.isParenthesizedExpression(node)) return literalsOf(node.expression);
  if (ts.isConditionalExpression(node)) return [...literalsOf(node.whenTrue), ...literalsOf(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return joins(node) ? [...literalsOf(node.left), ...literalsOf(node.right)] : [];
  if (ts.isTemplateExpression(node)) {
    const parts = [node.head, ...node.templateSpans.map(({ literal }) => literal)];
    return [{ node, text: parts.map(({ text }) => text).join('…') }];
  }
  return [];
}

/** `a + b`, `a ?? b`, `a && b` and `a || b` may come to either side; a comparison comes to neither. */
function joins({ operatorToken: { kind } }) {
  return [
    ts.SyntaxKind.PlusToken,
    ts.SyntaxKind.QuestionQuestionToken,
    ts.SyntaxKind.AmpersandAmpersandToken,
    ts.SyntaxKind.BarBarToken,
  ].includes(kind);
}

function shortened(text) {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

if (process.argv[1] === import.meta.filename) {
  const root = process.argv[2] ?? join(import.meta.dirname, '..', '..');
  process.exitCode = checkPageTexts(root, (line) => process.stdout.write(`${line}\n`));
}
