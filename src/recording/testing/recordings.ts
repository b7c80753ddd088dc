import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { z } from 'zod';
import { systemClock } from '../../kernel/clock.js';
import type {
  BytesReference,
  EntryFields,
  GrantClosed,
  GrantOpened,
  OperationEntry,
  ResultEntry,
  SessionOpened,
} from '../entries/entries.js';
import { JsonBytes } from '../entries/json-walker.js';
import type { RecordingLimits } from '../entries/limits.js';
import { NO_PROTOCOLS, recordedProtocols, type RecordedProtocols } from '../recorded-protocol.js';
import { sealRecording, type Sealed } from '../seal/seal.js';
import { generateSealKey, jwkSigner } from '../seal/signer.js';
import { TAR_END_BYTES, decodeTarHeader, encodeTarHeader, tarPaddingBytes } from '../seal/tar.js';
import { RecordingWriter } from '../write/writer.js';

/** Runs `use` with a directory that is gone afterwards. */
export async function inScratch<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'doorwarden-recording-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const grantOpened: GrantOpened = {
  type: 'grant.opened',
  format: 2,
  grant: '01JTEST',
  principal: { id: 'p1', name: 'ada', kind: 'agent' },
  task: { title: 'Repair the orders', reference: 'SHOP-1' },
  target: { id: 't1', name: 'shop', protocol: 'mysql', flavour: 'mariadb', version: '11.8.3' },
  taskAccount: 'dw_01JTEST',
  deadline: '2026-01-31T12:00:00.000000Z',
  policyVersion: null,
  gateway: 'gateway-1',
  body: { access: [{ database: 'shop', privileges: ['SELECT'] }] },
};

export const sessionOpened: SessionOpened = {
  type: 'session.opened',
  session: 1,
  client: { address: '127.0.0.1', port: 40000 },
  tls: null,
  body: {
    capabilities: 0xffffffff,
    collation: 45,
    database: 'shop',
    attributes: { _client_name: 'libmariadb' },
    targetThread: 7,
  },
};

export const sessionClosed: EntryFields = { type: 'session.closed', session: 1, reason: 'client-quit' };

export function grantClosed(interrupted = false): GrantClosed {
  return {
    type: 'grant.closed',
    reason: interrupted ? 'failed' : 'completed',
    interrupted,
    account: { state: 'gone' },
    body: { threadsKilled: 0, xaRolledBack: [] },
  };
}

export function statement(
  number: number,
  text = `SELECT ${number}`,
): OperationEntry<{ readonly database: string; readonly text: string }> {
  return {
    type: 'operation',
    session: 1,
    operation: number,
    name: 'COM_QUERY',
    verdict: 'allow',
    policies: ['allow-everything'],
    shape: 'abcdef0123456789',
    body: { database: 'shop', text },
  };
}

export function result(number: number, response: BytesReference): ResultEntry {
  return {
    type: 'result',
    session: 1,
    operation: number,
    name: 'COM_QUERY',
    outcome: 'ok',
    durationUs: 120,
    response,
    body: { results: [{ kind: 'rows', columns: 1, rows: 1, warnings: 0 }] },
  };
}

const body = z.record(z.string(), z.json());
const STATEMENT_BODY = JsonBytes.of('{"database":"shop","text":');
const RESULT_BODY = JsonBytes.of(JSON.stringify({ results: [{ kind: 'rows', columns: 1, rows: 1, warnings: 0 }] }));
const END = JsonBytes.of('}');

/** Takes any bodies, and passes those of the statements and results that are made here. */
export const RECORDED: RecordedProtocols = recordedProtocols([
  {
    name: 'mysql',
    inFlight: 'many',
    bodies: { 'grant.opened': body, 'session.opened': body, operation: body, result: body, 'grant.closed': body },
    passesUsualBody(type, json) {
      if (type === 'result') return json.passes(RESULT_BODY);
      return json.passes(STATEMENT_BODY) && json.text() && json.passes(END);
    },
  },
]);

export interface RecordOptions {
  readonly statements: number;
  readonly responseBytes: number;
  readonly limits?: Partial<RecordingLimits>;
  readonly interrupted?: boolean;
  readonly text?: (statement: number) => string;
}

/** A closed live recording of one session with `statements` answered statements. */
export async function recordLive(directory: string, options: RecordOptions): Promise<void> {
  const writer = await RecordingWriter.create({
    directory,
    clock: systemClock,
    durability: 'process',
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const capture = writer.captureResponse();
  writer.append(grantOpened);
  writer.append(sessionOpened);
  for (let number = 1; number <= options.statements; number += 1) {
    writer.append(statement(number, options.text?.(number)));
    capture.take(Buffer.alloc(options.responseBytes, `response ${number} `));
    writer.append(result(number, capture.finish()));
  }
  writer.append(sessionClosed);
  writer.append({ type: 'grant.closing', reason: options.interrupted === true ? 'failed' : 'completed', by: null });
  writer.append(grantClosed(options.interrupted));
  await writer.close();
}

export interface SealedFixture {
  readonly path: string;
  readonly report: Sealed;
  readonly privateJwk: JWK;
}

/** A sealed recording in `directory`. */
export async function sealFixture(directory: string, options: RecordOptions): Promise<SealedFixture> {
  const live = join(directory, '01JTEST');
  const path = join(directory, '01JTEST.tar');
  await recordLive(live, options);
  const privateJwk = await generateSealKey();
  const signer = await jwkSigner(privateJwk);
  return {
    path,
    report: await sealRecording({
      grant: '01JTEST',
      directory: live,
      out: path,
      signer,
      protocols: NO_PROTOCOLS,
      clock: systemClock,
    }),
    privateJwk,
  };
}

export type Members = Map<string, Buffer>;

/** Unpacks an archive. */
export async function unpack(path: string): Promise<Members> {
  const archive = await readFile(path);
  const members: Members = new Map();
  let position = 0;
  for (;;) {
    const header = decodeTarHeader(archive.subarray(position, position + 512));
    if (header === undefined) return members;
    const start = position + 512;
    members.set(header.name, archive.subarray(start, start + header.size));
    position = start + header.size + tarPaddingBytes(header.size);
  }
}

/** Packs members as a sealed archive is packed, whatever they say. */
export function pack(members: Members): Buffer {
  const parts: Buffer[] = [];
  for (const [name, bytes] of members) {
    parts.push(encodeTarHeader({ name, size: bytes.length }), bytes, Buffer.alloc(tarPaddingBytes(bytes.length)));
  }
  return Buffer.concat([...parts, Buffer.alloc(TAR_END_BYTES)]);
}
