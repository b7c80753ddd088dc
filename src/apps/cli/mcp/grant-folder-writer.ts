import { join } from 'node:path';
import type { ConnectionView } from '../../../contracts/grants/grant.js';
import { ConnectionFailure } from '../../../mcp/connection-failure.js';
import type { ConnectionWriter, WrittenConnection } from '../../../mcp/connection-keeper.js';
import { isPlainPath, withPaths } from '../private-files/file-paths.js';
import { knownPart } from '../run/known-part.js';
import { grantFolder } from './connection-home.js';
import { writeInGrantFolder } from './grant-folder.js';

/** Writes the files of connections into the folder of their grant, where this user alone can read them. */
export class GrantFolderWriter implements ConnectionWriter {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  async write(grantId: string, connection: ConnectionView): Promise<WrittenConnection> {
    const { files, programs } = knownPart(connection);
    const folder = grantFolder(this.#home, grantId);
    if (!isPlainPath(folder)) {
      const what = `The folder ${JSON.stringify(folder)} has a character that files of clients cannot have.`;
      throw new ConnectionFailure(what, 'Set DOORWARDEN_HOME to a folder with a plain name.');
    }
    const names = Object.keys(files);
    const pathOf = new Map(names.map((name) => [name, join(folder, name)]));
    const texts = names.map((name): [string, string] => [name, withPaths(files[name] ?? '', pathOf)]);
    await writeInGrantFolder(this.#home, grantId, new Map(texts));
    const commands = programs.map(({ name, args }): [string, string] => [
      name,
      [name, ...args.map((arg) => shellWord(withPaths(arg, pathOf)))].join(' '),
    ]);
    return { folder, files: Object.fromEntries(pathOf), commands: Object.fromEntries(commands) };
  }
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
