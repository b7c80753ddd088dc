import { createHash, randomBytes } from 'node:crypto';
import { link, open, rename, rm, type FileHandle } from 'node:fs/promises';
import type { ApiClient } from '../../../client/api-client.js';
import { ApiFailure } from '../../../client/api-failure.js';
import { type RecordingView, recordingView } from '../../../contracts/recordings/recording.js';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { UsageFailure } from '../terminal/conventions.js';
import { printAnswer } from '../terminal/print-answer.js';
import { type DownloadOptions, recordingPath, run } from './recordings-work.js';

/** Writes the sealed file; nothing stands under its name before all of it is there, and has the digest that the API says. */
export async function download(id: string, options: DownloadOptions): Promise<void> {
  await run(options, async (api) => {
    const path = await recordingPath(api, id);
    const recording = await api.get(path, recordingView);
    if (recording.state !== 'sealed') {
      throw new ApiFailure(
        `The grant ${recording.grantId} goes on. Its recording can be downloaded once it is sealed; doorwarden grants watch ${recording.grantId} waits for that.`,
        null,
      );
    }
    if (options.output === '-') {
      await streamTo(api, `${path}/file`, recording, async (bytes) => {
        if (!process.stdout.write(bytes)) await new Promise((resolve) => process.stdout.once('drain', resolve));
      });
      return;
    }
    const file = options.output ?? `${recording.grantId}.tar`;
    await writeWhole(file, options.force === true, (handle) =>
      streamTo(api, `${path}/file`, recording, (bytes) => handle.writeFile(bytes)),
    );
    const { sha256, bytes } = recording;
    printAnswer(options, { grantId: recording.grantId, file, bytes, sha256 }, () =>
      [`${file} is written.`, `Check it offline with: doorwarden verify ${file} --sha256 ${sha256 ?? ''}`].join('\n'),
    );
  });
}

async function streamTo(
  api: ApiClient,
  path: string,
  { sha256 }: RecordingView,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const hash = createHash('sha256');
  for await (const bytes of api.stream(path)) {
    hash.update(bytes);
    await write(bytes);
  }
  if (sha256 !== null && hash.digest('hex') !== sha256) {
    throw new ApiFailure('What came is not the file that was sealed: its SHA-256 is another one.', null);
  }
}

/** @throws UsageFailure when the file is there already */
async function writeWhole(file: string, force: boolean, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const part = `${file}.${randomBytes(6).toString('hex')}.part`;
  const handle = await open(part, 'wx', 0o600);
  try {
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (force) await rename(part, file);
    else await link(part, file); // a rename would write over what is there
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    throw new UsageFailure(`${file} is there already. Use --output for another name, or --force.`, { cause: error });
  } finally {
    await rm(part, { force: true });
  }
}
