import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import type { ConnectionView } from '../../contracts/grants/grant.js';
import { keySetView } from '../../contracts/recordings/key.js';
import { recordingView } from '../../contracts/recordings/recording.js';
import { withMysql2 } from './agent-clients.js';
import type { ApiClient } from '../../client/api-client.js';
import { type AdminLogin, withMariadb } from './mariadb.js';
import { PATHS, shown } from './paths.js';
import { runDoorwarden } from './programs.js';
import { expect, type Report } from './report.js';
import { writeTampered } from './tampering.js';
import { type DoneTask, WIDE_DELETE } from './task.js';

/** What `doorwarden replay` shows of the recording, and where the reviewer has put it. */
export interface Evidence {
  readonly transcript: string;
  readonly recording: string;
  readonly keys: string;
}

/** A statement of the task, in which the tampered copy differs by one letter. */
const TAMPERED_TEXT = WIDE_DELETE;

/** Looks that nothing of the task is left, and has a reviewer check its recording offline. */
export async function gatherEvidence(
  report: Report,
  { grant, connection }: DoneTask,
  { asReviewer, admin }: { readonly asReviewer: ApiClient; readonly admin: AdminLogin },
): Promise<Evidence> {
  await report.step(
    'Nothing is left of the task',
    async (note) => {
      await expectGone(admin, connection.username);
      const answer = await answerToLateLogin(connection);
      expect(answer.includes('grant'), `the endpoint does not say that the grant is over: ${answer}`);
      note(`no account, no thread; who logs in now reads "${answer}"`);
    },
    { process: 'gateway' },
  );
  const files = await report.step(
    'A reviewer downloads the sealed recording and the public keys',
    (note) => download(asReviewer, grant.id, note),
    { process: 'api' },
  );
  await report.step('The recording verifies offline, against those keys', async (note) => {
    const { exitCode, stdout, stderr } = await runDoorwarden(['verify', '--keys', files.keys, files.recording]);
    expect(exitCode === 0, `${stdout}${stderr}`);
    note('every byte, the chain and the seal');
  });
  await report.step('A copy with one changed letter does not', async (note) => {
    const { exitCode, stdout } = await runDoorwarden(['verify', '--keys', files.keys, await tamperedCopy(files)]);
    expect(exitCode === 1, `verify ended with ${exitCode}: ${stdout}`);
    note(stdout.trim().split('\n').slice(1).join(' ').trim());
  });
  const transcript = await report.step('The recording replays', async (note) => {
    const { exitCode, stdout, stderr } = await runDoorwarden(['replay', files.recording]);
    expect(exitCode === 0, `${stdout}${stderr}`);
    expect(stdout.includes(TAMPERED_TEXT), 'the transcript lacks a statement of the task');
    note('the transcript is below');
    return stdout;
  });
  return { transcript, recording: files.recording, keys: files.keys };
}

/** @throws Error while the target knows the account, or runs a thread of it */
async function expectGone(admin: AdminLogin, account: string): Promise<void> {
  await withMariadb(admin, async (target) => {
    const [accounts] = await target.query<RowDataPacket[]>('SELECT User FROM mysql.user WHERE User = ?', [account]);
    const [threads] = await target.query<RowDataPacket[]>(
      'SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ?',
      [account],
    );
    expect(accounts.length === 0, 'the task account is still there');
    expect(threads.length === 0, 'threads of the task account still run');
  });
}

/** What a client reads that comes after the end. @throws Error when it is let in */
async function answerToLateLogin(connection: ConnectionView): Promise<string> {
  try {
    await withMysql2(connection, () => Promise.resolve());
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('the endpoint still takes logins');
}

interface Files {
  readonly recording: string;
  readonly keys: string;
}

async function download(asReviewer: ApiClient, grantId: string, note: (text: string) => void): Promise<Files> {
  const view = await asReviewer.get(`/v1/recordings/${grantId}`, recordingView);
  const bytes = await asReviewer.download(`/v1/recordings/${grantId}/file`);
  const keySet = await asReviewer.get('/v1/keys', keySetView);
  const files = { recording: join(PATHS.run, 'recording.tar'), keys: join(PATHS.run, 'keys.json') };
  await writeFile(files.recording, bytes, { mode: 0o600 });
  await writeFile(files.keys, JSON.stringify(keySet));
  note(`${view.entries} entries, ${view.statements} statements, ${bytes.length} bytes in ${shown(files.recording)}`);
  return files;
}

async function tamperedCopy({ recording }: Files): Promise<string> {
  const path = join(PATHS.run, 'tampered.tar');
  await writeTampered(recording, TAMPERED_TEXT, path);
  return path;
}
