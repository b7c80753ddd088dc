import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { type Document, isMap, LineCounter, parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { UsageFailure } from '../terminal/conventions.js';
import { type ApplyDocument, applyDocument } from './apply-document.js';
import { boundedText } from './bounded-file.js';

const EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json']);
const FILES_MAX = 1_000;
const FILE_BYTES_MAX = 4 * 1024 * 1024;
const DOCUMENTS_MAX = 2_000;
const FOLDERS_MAX = 1_000;
const ALIASES_MAX = 100;
const FAULTS_SHOWN_MAX = 5;

/** A document and where it stands. */
export interface SourceDocument {
  readonly document: ApplyDocument;
  /** `targets.yaml:12`. */
  readonly place: string;
  /** From here files are found that it names. */
  readonly folder: string;
}

/**
 * Reads all documents of files, of folders with all that is in them, and of standard input (`-`): YAML, or JSON, which is
 * YAML too. A document may be a list of documents. @throws UsageFailure with the place of what is wrong
 */
export async function readSources(
  paths: readonly string[],
  input: () => Promise<string>,
): Promise<readonly SourceDocument[]> {
  const found: SourceDocument[] = [];
  const read = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    if (path === '-') {
      found.push(...documentsIn(await input(), 'standard input', '.'));
      continue;
    }
    for (const file of await filesAt(path, folders)) {
      if (read.has(file)) continue;
      read.add(file);
      found.push(...documentsIn(await textAt(file), file, dirname(file)));
    }
  }
  requireAtMost(found.length, DOCUMENTS_MAX, 'documents');
  requireUnlike(found);
  return found;
}

/** Standard input as text. */
export function standardInput(): Promise<string> {
  return textOf(process.stdin);
}

/** The files of a folder in the order of their names, each folder once: links may lead in circles. Hidden ones are left out. */
async function filesAt(path: string, folders: Set<string>): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const files = await filesIn(path, folders);
  if (files.length === 0) throw new UsageFailure(`No file in ${path} ends in .yaml, .yml or .json.`);
  return files;
}

async function filesIn(folder: string, folders: Set<string>): Promise<readonly string[]> {
  const real = await realpath(folder);
  if (folders.has(real)) return [];
  folders.add(real);
  requireAtMost(folders.size, FOLDERS_MAX, 'folders');
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).toSorted();
  const files: string[] = [];
  for (const name of names) {
    const inside = join(folder, name);
    if ((await stat(inside)).isDirectory()) files.push(...(await filesIn(inside, folders)));
    else if (EXTENSIONS.has(extname(name))) files.push(inside);
    requireAtMost(files.length, FILES_MAX, 'files');
  }
  return files;
}

function textAt(file: string): Promise<string> {
  return boundedText(file, { bytesMax: FILE_BYTES_MAX, name: file });
}

/** @throws UsageFailure */
function documentsIn(text: string, file: string, folder: string): readonly SourceDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, stringKeys: true, logLevel: 'error' });
  return [...parsed].flatMap((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) {
      const { line } = lines.linePos(fault.pos[0]);
      throw new UsageFailure(`${file}:${line}: This is no YAML: ${fault.message.split('\n')[0] ?? ''}`);
    }
    if (document.contents === null) return [];
    const { line } = lines.linePos(document.contents.range?.[0] ?? 0);
    const value = valueOf(document, `${file}:${line}`);
    if (value === null) return [];
    const values: readonly unknown[] = !isMap(document.contents) && Array.isArray(value) ? value : [value];
    return values.map((one) => ({ document: documentOf(one, `${file}:${line}`), place: `${file}:${line}`, folder }));
  });
}

/** @throws UsageFailure for aliases that make a text of some lines into gigabytes */
function valueOf(document: Pick<Document, 'toJS'>, place: string): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new UsageFailure(`${place}: This is no YAML: ${error.message}.`);
  }
}

function documentOf(value: unknown, place: string): ApplyDocument {
  const parsed = applyDocument.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue));
  const more = faults.length > FAULTS_SHOWN_MAX ? '; and more' : '';
  throw new UsageFailure(`${place}: ${faults.slice(0, FAULTS_SHOWN_MAX).join('; ')}${more}. See docs/apply.md.`);
}

/** Of a value that may be one of several things, what each of them would want. */
function faultsOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): readonly string[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const [closest] = issue.errors.toSorted((one, other) => one.length - other.length);
    return (closest ?? []).flatMap((inner) => faultsOf(inner, path));
  }
  return [`${path.length === 0 ? 'the document' : path.join('.')}: ${issue.message}`];
}

function requireUnlike(documents: readonly SourceDocument[]): void {
  const places = new Map<string, string>();
  for (const { document, place } of documents) {
    const key = nameOf(document);
    const other = places.get(key);
    if (other !== undefined) throw new UsageFailure(`${place}: ${key} stands at ${other} already.`);
    places.set(key, place);
  }
}

/** `Target orders-db`. */
export function nameOf({ kind, name }: Pick<ApplyDocument, 'kind'> & { readonly name?: string | undefined }): string {
  return kind === 'IdentityMapping' ? kind : `${kind} ${name ?? ''}`;
}

function requireAtMost(count: number, max: number, what: string): void {
  if (count > max) throw new UsageFailure(`There are more than ${max} ${what}. Apply them in parts.`);
}
