import { readFile } from 'node:fs/promises';
import { ApiFailure } from '../../../client/api-failure.js';
import type { GrantClient } from '../../../client/grant-client.js';
import type { AnyTargetView } from '../../../contracts/grants/target.js';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { StatementFailure, type StatementResult, type StatementSession } from '../../../protocol/statement-session.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { exitCodeOf } from '../run/child-program.js';
import { tellOfHeld } from '../run/held-watch.js';
import { type InGrant, useGrant, type UseOptions } from '../run/use-grant.js';
import { EXIT, UsageFailure } from '../terminal/conventions.js';
import { paintFor } from '../terminal/paint.js';
import { columnsOf } from '../terminal/screen-lines.js';
import { csvWriter } from './csv-writer.js';
import { jsonWriter } from './json-writer.js';
import type { ResultFormat, ResultWriter, TextSink } from './result-writer.js';
import { type ReadStatements, readStatements, requireAnyReading } from './statement-texts.js';
import { tableWriter } from './table-writer.js';

export interface ExecOptions extends UseOptions {
  readonly file?: string;
  readonly format: ResultFormat;
}

/** More is a restore: an ordinary client does it. */
const TEXT_BYTES_MAX = 32 * 1024 * 1024;

/** The one who reads standard output has gone. */
class OutputGone extends Error {}

/** `doorwarden exec`: the target's protocol says what a text comes to, before people are asked. */
export async function exec(
  target: string,
  given: string | undefined,
  options: ExecOptions,
  protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS,
): Promise<void> {
  let text = '';
  let read: ReadStatements | undefined;
  await useGrant({
    command: 'exec',
    target,
    options,
    exitFailed: EXIT.failed,
    before: async (signal) => {
      text = await textOf(given, options.file, signal);
    },
    look: async (client, signal) => {
      const seen = await targetIfShown(target, client, signal);
      if (seen === undefined) await requireAnyReading(text, protocols);
      else read = await readStatements(text, seen.protocol, protocols);
      return seen;
    },
    work: async (inGrant) => {
      const { protocol } = inGrant.opened.connection;
      const statements = read?.protocol === protocol ? read : await readStatements(text, protocol, protocols);
      return execIn(inGrant, statements, options.json === true ? 'json' : options.format);
    },
  });
}

async function textOf(given: string | undefined, file: string | undefined, signal: AbortSignal): Promise<string> {
  if (given !== undefined && file !== undefined) throw new UsageFailure('Give the text or --file, not both.');
  if (given !== undefined) return given;
  const bytes = file === undefined ? await standardInput(signal) : await fileBytes(file);
  if (bytes.length > TEXT_BYTES_MAX) {
    throw new UsageFailure(
      `The text is more than ${TEXT_BYTES_MAX} bytes. Use doorwarden run with an ordinary client.`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageFailure('The text is not UTF-8.');
  }
}

async function fileBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageFailure(
      `${path} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'}).`,
    );
  }
}

async function standardInput(signal: AbortSignal): Promise<Buffer> {
  const { stdin } = process;
  if (stdin.isTTY) throw new UsageFailure('Give the text, as an argument, with --file, or on standard input.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stop = (): void => void stdin.destroy();
  signal.addEventListener('abort', stop);
  try {
    for await (const chunk of stdin) {
      const part = Buffer.from(chunk as Uint8Array);
      chunks.push(part);
      bytes += part.length;
      if (bytes > TEXT_BYTES_MAX) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return Buffer.concat(chunks);
}

/** The target; undefined for a credential that may ask for grants and not look at targets. */
async function targetIfShown(
  name: string,
  client: Pick<GrantClient, 'getTarget'>,
  signal: AbortSignal,
): Promise<AnyTargetView | undefined> {
  try {
    return await client.getTarget(name, { signal });
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 'forbidden') return undefined;
    throw error;
  }
}

async function execIn(
  { client, opened, news, signals }: InGrant,
  { sessions, statements, called }: ReadStatements,
  format: ResultFormat,
): Promise<number> {
  const over = new AbortController();
  const watching = tellOfHeld(client, opened.grant.id, { news, signal: over.signal });
  const { signal } = signals;
  let session: StatementSession | undefined;
  const stop = (): void => session?.destroy();
  signal.addEventListener('abort', stop);
  let at = 0;
  try {
    session = await sessions.open(opened.connection);
    const writer = writerOf(format);
    for (const statement of statements) {
      signal.throwIfAborted();
      at += 1;
      for await (const result of session.ask(statement)) await write(result, writer);
    }
    await session.close();
    return EXIT.done;
  } catch (error) {
    session?.destroy();
    signal.throwIfAborted();
    if (error instanceof OutputGone) return exitCodeOf(null, 'SIGPIPE');
    if (!(error instanceof StatementFailure)) throw error;
    const place = statements.length === 1 || at === 0 ? '' : `${capital(called)} ${at} of ${statements.length}: `;
    news.failed(`${place}${error.message}`, error.code);
    return EXIT.failed;
  } finally {
    signal.removeEventListener('abort', stop);
    over.abort();
    await watching;
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

async function write(result: StatementResult, writer: ResultWriter): Promise<void> {
  if (result.kind === 'done') {
    await writer.done(result);
    return;
  }
  await writer.begin(result.columns);
  try {
    for await (const rows of result.rows) await writer.rows(rows);
  } catch (error) {
    if (error instanceof StatementFailure) await writer.end(error.message);
    throw error;
  }
  await writer.end();
}

function writerOf(format: ResultFormat): ResultWriter {
  const { stdout } = process;
  const sink = sinkOf(stdout);
  switch (format) {
    case 'json':
      return jsonWriter(sink);
    case 'csv':
      return csvWriter(sink, { isTerminal: stdout.isTTY });
    default:
      return tableWriter(sink, { columns: columnsOf(stdout), paint: paintFor(stdout) });
  }
}

/** No more is made than is read: 100 MB of rows go through a few. */
function sinkOf(stream: NodeJS.WriteStream): TextSink {
  stream.on('error', () => undefined); // each write hears of it
  return (text) =>
    new Promise((written, failed) => {
      stream.write(text, (error) => (error === null || error === undefined ? written() : failed(new OutputGone())));
    });
}
