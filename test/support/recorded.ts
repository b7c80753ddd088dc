import { z } from 'zod';
import type {
  CommandResult,
  MysqlClosed,
  MysqlEntry,
  MysqlSession,
  StatementEntry,
} from '../../src/protocols/mysql/recorded/bodies.js';
import { isMysqlEntry } from '../../src/protocols/mysql/recorded/body-schemas.js';
import { MYSQL_RECORDED } from '../../src/protocols/mysql/recorded/recorded.js';
import { recordedProtocols } from '../../src/recording/recorded-protocol.js';
import { eachEntry } from '../../src/recording/verify/reader.js';
import { SealedFile } from '../../src/recording/seal/sealed-file.js';
import { verifyRecording } from '../../src/recording/verify/verify.js';
import {
  COM_QUERY,
  COM_STMT_BULK_EXECUTE,
  COM_STMT_EXECUTE,
  COM_STMT_FETCH,
  COM_STMT_PREPARE,
  commandName,
} from '../../src/protocols/mysql/wire/commands.js';
import { type DecodedResponse, decodeResponse } from '../../src/protocols/mysql/wire/response/result-decoder.js';

/** What tests check the bodies by. */
export const RECORDED = recordedProtocols([MYSQL_RECORDED]);

const COMMANDS = [COM_QUERY, COM_STMT_PREPARE, COM_STMT_EXECUTE, COM_STMT_BULK_EXECUTE, COM_STMT_FETCH];

/** A statement of a recording with what came of it. */
export interface RecordedStatement {
  readonly entry: StatementEntry;
  /** The bytes that the client sent. */
  readonly text: Buffer;
  readonly result: CommandResult | undefined;
  /** The response's bytes as the client got them, decoded. */
  readonly response: DecodedResponse | undefined;
  readonly responseBytes: Buffer | undefined;
}

/** A sealed recording that has been verified, in memory. */
export interface Recorded {
  readonly path: string;
  readonly entries: readonly MysqlEntry[];
  readonly statements: readonly RecordedStatement[];
  /** The statements in their order as text, for comparing. */
  readonly texts: readonly string[];
  /** The last entry. */
  readonly closed: MysqlClosed;
  of<T extends MysqlEntry['type']>(type: T): readonly Extract<MysqlEntry, { type: T }>[];
}

const jwk = z.looseObject({ kty: z.string() });
export const keySet = z.object({ keys: z.array(jwk) });

/** Verifies a sealed file with the broker's public keys and reads it. Fails when anything in it does not hold. */
export async function readRecorded(path: string, keys: z.infer<typeof keySet>['keys']): Promise<Recorded> {
  const report = await verifyRecording(path, { trustedKeys: keys, protocols: RECORDED });
  if (!report.ok) throw new Error(`${path} does not verify: ${report.problem.where}: ${report.problem.what}`);
  if (!report.keyTrusted) throw new Error(`${path} is sealed with a key that the broker does not list`);
  const file = await SealedFile.open(path);
  if (!(file instanceof SealedFile)) throw new Error(`${path} is no archive`);
  try {
    const entries: MysqlEntry[] = [];
    for await (const entry of eachEntry(() => file.lines(), RECORDED)) {
      if (!isMysqlEntry(entry)) throw new Error(`${path} has a body that is not MySQL's`);
      entries.push(entry);
    }
    const segments: Buffer[] = [];
    for (const index of file.segments.keys()) {
      const chunks: Buffer[] = [];
      for await (const chunk of file.segment(index + 1)) chunks.push(chunk);
      segments.push(Buffer.concat(chunks));
    }
    return recordedOf(path, entries, segments);
  } finally {
    await file.close();
  }
}

function recordedOf(path: string, entries: readonly MysqlEntry[], segments: readonly Buffer[]): Recorded {
  const of = <T extends MysqlEntry['type']>(type: T): readonly Extract<MysqlEntry, { type: T }>[] =>
    entries.filter((entry): entry is Extract<MysqlEntry, { type: T }> => entry.type === type);
  const sessions = new Map(of('session.opened').map((entry) => [entry.session, entry]));
  const results = new Map(of('result').map((entry) => [entry.operation, entry]));
  const statements = of('operation').map((entry) => {
    const result = results.get(entry.operation);
    const responseBytes = result && bytesOf(result, segments);
    const response = result && responseBytes && decoded(result, responseBytes, sessions.get(entry.session));
    return { entry, text: textOf(entry), result, responseBytes, response };
  });
  const [closed] = of('grant.closed');
  if (closed === undefined) throw new Error(`${path} has no last entry`);
  return { path, entries, statements, texts: statements.map(({ text }) => text.toString('utf8')), closed, of };
}

function textOf({ body }: StatementEntry): Buffer {
  return 'text' in body ? Buffer.from(body.text, 'utf8') : Buffer.from(body.textBase64, 'base64');
}

function bytesOf({ response }: CommandResult, segments: readonly Buffer[]): Buffer | undefined {
  if (response === undefined || response.kept === 0) return undefined;
  return segments[response.segment - 1]?.subarray(response.offset, response.offset + response.kept);
}

function decoded(result: CommandResult, bytes: Buffer, session: MysqlSession | undefined): DecodedResponse | undefined {
  const command = COMMANDS.find((code) => commandName(code) === result.name);
  if (command === undefined || session === undefined) return undefined;
  return decodeResponse(bytes, { capabilities: session.body.capabilities, command });
}
