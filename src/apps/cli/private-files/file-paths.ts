/** Characters that mean themselves in every file of a client that could name a path, and for every shell within quotes. */
const PLAIN_PATH = /^[\w@%+=:,./ -]+$/;

/** True for a folder that the files of a connection can name. */
export function isPlainPath(path: string): boolean {
  return PLAIN_PATH.test(path);
}

/**
 * A text of a connection with paths in place of names: those of its files that stand by themselves, as after `=` or in
 * quotes. `pathOf`: name → path.
 */
export function withPaths(text: string, pathOf: ReadonlyMap<string, string>): string {
  return text.replaceAll(/(?<=["=])[\w.-]+(?=["\n]|$)/g, (word) => pathOf.get(word) ?? word);
}
