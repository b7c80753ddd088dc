import { join } from 'node:path';
import { ConnectionFailure } from '../../../mcp/connection-failure.js';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { readPrivateFile, writePrivateFile } from '../private-files/private-file.js';
import { PrivateFileFailure } from '../private-files/private-file-failure.js';
import { makePrivateFolder, requirePrivateFolder } from '../private-files/private-folder.js';
import { grantFolder } from './connection-home.js';

/** Writes texts by their names into the folder of a grant, which it makes where there is none. @throws ConnectionFailure */
export async function writeInGrantFolder(
  home: string,
  grantId: string,
  texts: ReadonlyMap<string, string>,
): Promise<void> {
  const folder = grantFolder(home, grantId);
  try {
    await makePrivateFolder(home);
    await makePrivateFolder(folder);
    for (const [name, text] of texts) await writePrivateFile(join(folder, name), text);
  } catch (error) {
    throw error instanceof PrivateFileFailure ? asConnectionFailure(error) : error;
  }
}

/** The text of a file that nobody else can have written; undefined where there is none, or none of that kind. */
export function readInGrantFolder(home: string, grantId: string, name: string): string | undefined {
  const folder = grantFolder(home, grantId);
  try {
    requirePrivateFolder(folder);
    return readPrivateFile(join(folder, name));
  } catch (error) {
    if (error instanceof PrivateFileFailure || systemErrorCode(error) !== undefined) return undefined;
    throw error;
  }
}

function asConnectionFailure(failure: PrivateFileFailure): ConnectionFailure {
  const next =
    failure.next ?? 'Set DOORWARDEN_HOME to a folder of your own that can be written, or take the connection as env.';
  return new ConnectionFailure(failure.fault, next, failure);
}
