import { readFile } from 'node:fs/promises';
import { UNNAMED_PROTOCOL } from '../../../domain/protocol-value.js';
import {
  StatementFailure,
  type StatementResult,
  type StatementSession,
  type StatementSessions,
  StatementsUnreadable,
} from '../../../protocol/statement-session.js';
import { exitCodeOf } from '../run/child-program.js';
import { tellOfHeld } from '../run/held-watch.js';
import { type InGrant, useGrant, type UseOptions } from '../run/use-grant.js';
import { EXIT, UsageFailure } from '../terminal/conventions.js';
import { paintFor } from '../terminal/paint.js';
import { columnsOf } from '../terminal/screen-lines.js';
import { csvWriter } from './csv-writer.js';
import { jsonWriter } from './json-writer.js';
import type { ResultFormat, ResultWriter, TextSink } from './result-writer.js';
import { sessionsOf } from './statement-protocols.js';
import { tableWriter } from './table-writer.js';

export interface ExecOptions extends UseOptions {
  readonly file?: string;
  readonly format: ResultFormat;
}

/** More is a restore: an ordinary client does it. */
const SQL_BYTES_MAX = 32 * 1024 * 1024;

/** The one who reads standard output has gone. */
class OutputGone extends Error {}

/** `doorwarden exec`. */
export async function exec(target: string, sql: string | undefined, options: ExecOptions): Promise<void> {
  let text = '';
  await useGrant({
    command: 'exec',
    target,
    options,
    exitFailed: EXIT.failed,
    before: async (signal) => {
      text = await textOf(sql, options.file, signal);
      // Before people are asked; what the target speaks is known afterwards, and nearly always this.
      requireStatements(await sessionsOf(UNNAMED_PROTOCOL), text);
    },
    work: (given) => execIn(given, text, options.json === true ? 'json' : options.format),
  });
}

async function textOf(sql: string | undefined, file: string | undefined, signal: AbortSignal): Promise<string> {
  if (sql !== undefined && file !== undefined) throw new UsageFailure('Give the statements or --file, not both.');
  if (sql !== undefined) return sql;
  const bytes = file === undefined ? await standardInput(signal) : await fileBytes(file);
  if (bytes.length > SQL_BYTES_MAX) {
    throw new UsageFailure(
      `The statements are more than ${SQL_BYTES_MAX} bytes. Use doorwarden run with an ordinary client.`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageFailure('The statements are not UTF-8.');
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
  if (stdin.isTTY) throw new UsageFailure('Give the statements, as an argument, with --file, or on standard input.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stop = (): void => void stdin.destroy();
  signal.addEventListener('abort', stop);
  try {
    for await (const chunk of stdin) {
      const part = Buffer.from(chunk as Uint8Array);
      chunks.push(part);
      bytes += part.length;
      if (bytes > SQL_BYTES_MAX) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return Buffer.concat(chunks);
}

function requireStatements(sessions: StatementSessions, text: string): readonly string[] {
  const statements = statementsOf(sessions, text);
  if (statements.length === 0) throw new UsageFailure('There is no statement in it.');
  return statements;
}

function statementsOf(sessions: StatementSessions, text: string): readonly string[] {
  try {
    return sessions.statementsIn(text);
  } catch (error) {
    throw error instanceof StatementsUnreadable ? new UsageFailure(error.message) : error;
  }
}

async function execIn({ client, opened, news, signals }: InGrant, text: string, format: ResultFormat): Promise<number> {
  const sessions = await sessionsOf(opened.connection.protocol);
  const statements = requireStatements(sessions, text);
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
    const place = statements.length === 1 || at === 0 ? '' : `Statement ${at} of ${statements.length}: `;
    news.failed(`${place}${error.message}`, error.code);
    return EXIT.failed;
  } finally {
    signal.removeEventListener('abort', stop);
    over.abort();
    await watching;
  }
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
