// Builds the package @doorwarden/client in clients/typescript/dist/: its code as one file with all that it needs, its types
// without the packages that they are written with, and what npm publishes besides.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import ts from 'typescript';
import { licenseComment } from './licenses.mjs';
import { readyModules } from './ready-modules.mjs';
import { ROOT, inRoot } from './setup/paths.mjs';

const SRC = inRoot('src');
const PACKAGE = inRoot('clients', 'typescript');
const DIST = join(PACKAGE, 'dist');
const ENTRY = join(SRC, 'client', 'package.ts');

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });
await bundleCode();
writeTypes();
copyFileSync(join(PACKAGE, 'package.json'), join(DIST, 'package.json'));
copyFileSync(join(PACKAGE, 'README.md'), join(DIST, 'README.md'));
copyFileSync(inRoot('LICENSE'), join(DIST, 'LICENSE'));

async function bundleCode() {
  const bundle = await rolldown({
    cwd: ROOT,
    input: ENTRY,
    platform: 'node',
    tsconfig: inRoot('tsconfig.json'),
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    external: /^node:/,
    plugins: [readyModules(SRC), licenseComment()],
    onLog(level, { message }) {
      if (level === 'warn') throw new Error(message);
    },
  });
  await bundle.write({ file: join(DIST, 'client.js'), format: 'esm', minify: false, sourcemap: false });
  await bundle.close();
}

/**
 * Declarations of the files of src/client/ that the entry leads to, as TypeScript writes them. What they take of other rooms
 * is written out, since it is told by the schemas of a package that nobody should have to install for it.
 */
function writeTypes() {
  const program = programOf(ENTRY);
  const taken = new Map();
  const waiting = [ENTRY];
  for (const file of waiting) {
    const declaration = declarationOf(program, file);
    write(file, declaration);
    for (const { from, names } of importsIn(file, declaration)) {
      if (from.startsWith(join(SRC, 'client'))) {
        if (!waiting.includes(from)) waiting.push(from);
      } else {
        taken.set(from, new Set([...(taken.get(from) ?? []), ...names]));
      }
    }
  }
  for (const [file, names] of taken) write(file, writtenOut(program, file, [...names]));
}

function programOf(entry) {
  const host = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic({ messageText }) {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  };
  const own = { noEmit: false, declaration: true, emitDeclarationOnly: true, incremental: false, outDir: DIST };
  const { options } = ts.getParsedCommandLineOfConfigFile(inRoot('tsconfig.json'), own, host);
  return ts.createProgram([entry], { ...options, tsBuildInfoFile: undefined });
}

/** Of this file alone: to have it of all files, all that they import would be checked. */
function declarationOf(program, file) {
  let declaration = '';
  const keep = (_, text) => {
    declaration = text;
  };
  const { diagnostics } = program.emit(program.getSourceFile(file), keep, undefined, true);
  if (diagnostics.length > 0) throw new Error(ts.flattenDiagnosticMessageText(diagnostics[0].messageText, '\n'));
  return declaration;
}

/** The source files that a declaration leads to, each with the names that it takes of it. */
function importsIn(file, text) {
  if (/\bimport\(/.test(text)) throw new Error(`${file}: name the type that its declaration imports`);
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return parsed.statements.flatMap((statement) => {
    const specifier = statement.moduleSpecifier?.text;
    if (specifier === undefined) return [];
    if (!specifier.startsWith('.')) throw new Error(`${file}: its types need ${specifier}`);
    const bindings = statement.importClause?.namedBindings ?? statement.exportClause;
    const names = bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
    return [{ from: resolve(dirname(file), specifier.replace(/\.js$/, '.ts')), names }];
  });
}

/** Each name as an alias of what it is, without any other name. */
function writtenOut(program, file, names) {
  const checker = program.getTypeChecker();
  const source = checker.getSymbolAtLocation(program.getSourceFile(file));
  const exported = new Map(checker.getExportsOfModule(source).map((symbol) => [symbol.name, symbol]));
  const { NoTruncation, InTypeAlias, MultilineObjectLiterals, UseSingleQuotesForStringLiteralType } =
    ts.TypeFormatFlags;
  const flags = NoTruncation | InTypeAlias | MultilineObjectLiterals | UseSingleQuotesForStringLiteralType;
  const lines = names.map((name) => {
    const text = checker.typeToString(checker.getDeclaredTypeOfSymbol(exported.get(name)), undefined, flags);
    if (text === name) throw new Error(`${relative(ROOT, file)}: ${name} cannot be written out`);
    return `export type ${name} = ${text};\n`;
  });
  return lines.join('');
}

function write(source, text) {
  const file = join(DIST, 'types', relative(SRC, source).replace(/\.ts$/, '.d.ts'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
