import { join } from 'node:path';
import type { ConnectionView } from '../../../contracts/grant.js';
import { ConnectionFailure } from '../../../mcp/connection-failure.js';
import type { ConnectionWriter, WrittenConnection } from '../../../mcp/connection-keeper.js';
import { knownPart } from '../run/known-part.js';
import { grantFolder } from './connection-home.js';
import { makePrivateFolder, writePrivateFile } from './private-folder.js';

/** Characters that mean themselves in every file that could name the folder, and for every shell within quotes. */
const PLAIN_PATH = /^[\w@%+=:,./ -]+$/;

/** Writes the files of connections into the folder of their grant, where this user alone can read them. */
export class ConnectionFiles implements ConnectionWriter {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  async write(grantId: string, connection: ConnectionView): Promise<WrittenConnection> {
    const { files, programs } = knownPart(connection);
    const folder = grantFolder(this.#home, grantId);
    if (!PLAIN_PATH.test(folder)) {
      const what = `The folder ${JSON.stringify(folder)} has a character that files of clients cannot have.`;
      throw new ConnectionFailure(what, 'Set DOORWARDEN_HOME to a folder with a plain name.');
    }
    await makePrivateFolder(this.#home);
    await makePrivateFolder(folder);
    const names = Object.keys(files);
    const pathOf = new Map(names.map((name) => [name, join(folder, name)]));
    for (const name of names) await writePrivateFile(folder, name, placed(files[name] ?? '', pathOf));
    const commands = programs.map(({ name, args }): [string, string] => [
      name,
      [name, ...args.map((arg) => shellWord(placed(arg, pathOf)))].join(' '),
    ]);
    return { folder, files: Object.fromEntries(pathOf), commands: Object.fromEntries(commands) };
  }
}

/** Names of files that stand by themselves, as after `=` or in quotes, become their paths. */
function placed(text: string, pathOf: ReadonlyMap<string, string>): string {
  return text.replaceAll(/(?<=["=])[\w.-]+(?=["\n]|$)/g, (word) => pathOf.get(word) ?? word);
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
