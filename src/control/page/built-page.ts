import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** What index.html has where each answer has its own nonce, and the page its build. */
const NONCE = '__NONCE__';
const BUILD = '__BUILD__';
const BUILD_CHARACTERS = 16;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export type PageEncoding = 'br' | 'gzip' | 'identity';
/** Files that the build compressed lie beside the plain one. */
const PACKED = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** A file of the page that has the hash of its content in its name. */
export interface PageFile {
  readonly type: string;
  /** Its bytes, plain and as the build compressed them. */
  readonly bytes: ReadonlyMap<PageEncoding, Buffer>;
}

/**
 * The page as it was built, in memory: what a request names is looked up in a table of what the build made, so that no
 * path leads to another file.
 */
export class BuiltPage {
  readonly #index: string;
  readonly #files: ReadonlyMap<string, PageFile>;
  /** Names the build: an open page of another one should be loaded again. Null: there is no page. */
  readonly build: string | null;

  private constructor(index: string | undefined, files: ReadonlyMap<string, PageFile>) {
    this.build =
      index === undefined ? null : createHash('sha256').update(index).digest('hex').slice(0, BUILD_CHARACTERS);
    this.#index = index?.replaceAll(BUILD, this.build ?? '') ?? '';
    this.#files = files;
  }

  /** Without the page: the programs were built alone. */
  static readonly none = new BuiltPage(undefined, new Map());

  /**
   * Reads what the build made.
   * @param folder where it lies; without an index.html there the page is {@link none}
   * @throws Error when the page would not work: no place for the nonce, or a file of an unknown kind
   */
  static read(folder: string): BuiltPage {
    const indexFile = join(folder, 'index.html');
    if (!existsSync(indexFile)) return BuiltPage.none;
    const index = readFileSync(indexFile, 'utf8');
    if (!index.includes(NONCE)) throw new Error(`index.html has no ${NONCE}, the place for its nonce`);
    return new BuiltPage(index, filesOf(join(folder, 'assets')));
  }

  /** The document of every path of the page. @param nonce base64 */
  document(nonce: string): string {
    return this.#index.replaceAll(NONCE, nonce);
  }

  /** A file below `/assets/`. */
  file(name: string): PageFile | undefined {
    return this.#files.get(name);
  }
}

function filesOf(folder: string): ReadonlyMap<string, PageFile> {
  const names = new Set(existsSync(folder) ? readdirSync(folder) : []);
  const beside = new Set<string>(['.map', ...PACKED.map(([, suffix]) => suffix)]);
  const plain = [...names].filter((name) => !beside.has(extname(name)));
  return new Map(plain.map((name) => [name, fileOf(folder, name, names)]));
}

function fileOf(folder: string, name: string, names: ReadonlySet<string>): PageFile {
  const type = TYPES[extname(name)];
  if (type === undefined) throw new Error(`nobody knows the type of assets/${name}`);
  const bytes = new Map<PageEncoding, Buffer>([['identity', readFileSync(join(folder, name))]]);
  for (const [encoding, suffix] of PACKED) {
    const packed = `${name}${suffix}`;
    if (names.has(packed)) bytes.set(encoding, readFileSync(join(folder, packed)));
  }
  return { type, bytes };
}
