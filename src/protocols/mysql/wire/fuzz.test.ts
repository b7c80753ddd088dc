import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rounds } from '../../../../test/support/rounds.js';
import { BrokerError } from '../../../kernel/errors.js';
import {
  encryptPassword,
  verifyCachingSha2Password,
  verifyNativePassword,
  credentialVerifierOf,
} from './login/auth.js';
import {
  CLIENT_CONNECT_ATTRS,
  CLIENT_CONNECT_WITH_DB,
  CLIENT_DEPRECATE_EOF,
  CLIENT_PLUGIN_AUTH,
  CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA,
  CLIENT_PROTOCOL_41,
  CLIENT_SECURE_CONNECTION,
  CLIENT_SESSION_TRACK,
} from './login/capabilities.js';
import { CAPTURED_RESPONSES } from './response/captured-responses.fixture.js';
import {
  COM_FIELD_LIST,
  COM_INIT_DB,
  COM_PING,
  COM_QUERY,
  COM_STATISTICS,
  COM_STMT_EXECUTE,
  COM_STMT_FETCH,
  COM_STMT_PREPARE,
  decodeExecute,
  decodeExecuteId,
  decodeFetch,
  decodeFieldList,
  decodeInitDb,
  decodeSendLongData,
  decodeStatementId,
  expectBareCommand,
} from './commands.js';
import { FrameDecoder } from './frame-decoder.js';
import {
  decodeAuthMoreData,
  decodeAuthSwitchRequest,
  decodeGreeting,
  decodeHandshakeResponse,
  encodeAuthSwitchRequest,
  encodeGreeting,
  encodeHandshakeResponse,
  isSslRequest,
} from './login/handshake.js';
import { PayloadWriter } from './lenenc.js';
import { encodePackets } from './packet.js';
import { decodeEof, decodeErr, decodeOk, encodeErr, encodeOk } from './packets.js';
import { ResponseTracker } from './response/response-tracker.js';
import { decodeColumn } from './response/result-columns.js';
import { decodeResponse } from './response/result-decoder.js';
import { decodeSessionState } from './response/session-state.js';
import { split, arbitraryCuts } from './splits.fixture.js';

// fast-check prints the seed, the path to the failing input and that input itself, made as small as it still fails.
const SEEDED = { seed: 77, numRuns: rounds(1_500) };
/** For one input; a decoder that needs more reads in circles. The slowest takes a few milliseconds. */
const INPUT_MS_MAX = 1_000;

const CAPABILITIES = [
  CLIENT_PROTOCOL_41,
  CLIENT_PROTOCOL_41 | CLIENT_SESSION_TRACK,
  CLIENT_PROTOCOL_41 | CLIENT_SESSION_TRACK | CLIENT_DEPRECATE_EOF,
];
const ANSWERED = [
  COM_QUERY,
  COM_STMT_PREPARE,
  COM_STMT_EXECUTE,
  COM_STMT_FETCH,
  COM_FIELD_LIST,
  COM_INIT_DB,
  COM_PING,
  COM_STATISTICS,
];

const SCRAMBLE = Buffer.from('abcdefghijklmnopqrst');
const LOGIN_FLAGS =
  CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION | CLIENT_PLUGIN_AUTH | CLIENT_CONNECT_WITH_DB | CLIENT_CONNECT_ATTRS;

const GREETING = encodeGreeting({
  serverVersion: '10.11.6-MariaDB',
  threadId: 7,
  authPluginData: SCRAMBLE,
  capabilities: LOGIN_FLAGS,
  collationId: 45,
  statusFlags: 2,
  authPlugin: 'mysql_native_password',
  mariadbCapabilities: 0,
});
const LOGINS = [0, CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA].map((flag) =>
  encodeHandshakeResponse({
    capabilities: (LOGIN_FLAGS | flag) >>> 0,
    packetBytesMax: 1 << 24,
    collationId: 45,
    user: 'agent',
    authResponse: SCRAMBLE,
    database: 'shop',
    authPlugin: 'mysql_native_password',
    attributes: new Map([
      ['_client_name', 'fuzz'],
      ['_pid', '1'],
    ]),
  }),
);
const OK = encodeOk(
  {
    affectedRows: 2n ** 60n,
    lastInsertId: 9,
    statusFlags: 0x4002,
    warnings: 1,
    info: 'Rows matched: 1',
    sessionState: Buffer.from('010504746573740007016102616102', 'hex'),
  },
  true,
);
const ERR = encodeErr({ errno: 1064, sqlState: '42000', message: 'You have an error' });
const COLUMN = new PayloadWriter()
  .lenencText('def')
  .lenencText('shop')
  .lenencText('o')
  .lenencText('orders')
  .lenencText('id')
  .lenencText('id')
  .uint8(12)
  .zeros(12)
  .finish();

/** Types of parameters, with the bytes of a value: `n` are any bytes, behind their length where the type has one. */
const FIXED_BYTES: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 2],
  [3, 4],
  [4, 4],
  [5, 8],
  [8, 8],
  [13, 2],
]);
const TYPES = [...FIXED_BYTES.keys(), 0, 6, 7, 9, 10, 11, 12, 15, 16, 245, 246, 249, 250, 251, 252, 253, 254, 255];

const parameters = fc
  .tuple(
    fc.constantFrom(...FIXED_BYTES.keys(), 252, 253, 254, ...TYPES),
    fc.uint8Array({ minLength: 8, maxLength: 20 }),
  )
  .map(([type, bytes]) => {
    const fixed = FIXED_BYTES.get(type);
    return { type, value: fixed === undefined ? Buffer.from([bytes.length, ...bytes]) : bytes.subarray(0, fixed) };
  });

/** An execution with a type for each parameter and values that most often fit them. */
const executions = fc
  .record({
    given: fc.array(parameters, { maxLength: 12 }),
    unsigned: fc.constantFrom(0, 0x80, 0, 0x80, 1),
    cursor: fc.constantFrom(0, 1, 0, 1, 2, 8),
    nulls: fc.constantFrom(0, 0, 0, 1, 0xff),
  })
  .map(({ given, unsigned, cursor, nulls }) => {
    const writer = new PayloadWriter().uint8(COM_STMT_EXECUTE).uint32(1).uint8(cursor).uint32(1);
    if (given.length > 0) writer.bytes(Buffer.alloc((given.length + 7) >> 3, nulls)).uint8(1);
    for (const { type } of given) writer.uint8(type).uint8(unsigned);
    for (const { value } of given) writer.bytes(value);
    return { payload: writer.finish(), parameterCount: given.length };
  });

/** Bytes with some of them changed, taken out, put in, repeated or cut off. */
function mutated(base: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const change = fc.record({
    kind: fc.constantFrom('set', 'flip', 'drop', 'insert', 'repeat', 'cut'),
    at: fc.nat({ max: 1_000_000 }),
    byte: fc.oneof(fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff), fc.nat({ max: 255 })),
    length: fc.nat({ max: 40 }),
  });
  return fc.tuple(base, fc.array(change, { minLength: 1, maxLength: 6 })).map(([bytes, changes]) => {
    let result: Buffer = Buffer.from(bytes);
    for (const { kind, at: anywhere, byte, length } of changes) {
      const at = result.length === 0 ? 0 : anywhere % result.length;
      const [before, after] = [result.subarray(0, at), result.subarray(at)];
      const filler = Buffer.alloc(length, byte);
      if (kind === 'set') result = Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
      else if (kind === 'flip')
        result = Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ byte]), after.subarray(1)]);
      else if (kind === 'drop') result = Buffer.concat([before, after.subarray(length)]);
      else if (kind === 'insert') result = Buffer.concat([before, filler, after]);
      else if (kind === 'repeat') result = Buffer.concat([before, after.subarray(0, length), after]);
      else result = before;
    }
    return result;
  });
}

const randomBytes = fc.uint8Array({ maxLength: 600, size: 'max' }).map((bytes) => Buffer.from(bytes));
const hostile = (...bases: readonly Buffer[]): fc.Arbitrary<Buffer> =>
  fc.oneof(randomBytes, mutated(fc.constantFrom(...bases)), mutated(fc.constantFrom(...bases)));

/** Runs a decoder: it gives a value or throws BrokerError, and does not take long. */
function outcomeOf<T>(decode: () => T): T | BrokerError {
  const started = process.cpuUsage();
  try {
    return decode();
  } catch (error) {
    if (error instanceof BrokerError) return error;
    throw error;
  } finally {
    // Time of the processor: what else runs on the machine does not count.
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(INPUT_MS_MAX);
  }
}

function holds(bytes: fc.Arbitrary<Buffer>, decode: (bytes: Buffer) => unknown): void {
  fc.assert(
    fc.property(bytes, (input) => {
      outcomeOf(() => decode(input));
    }),
    SEEDED,
  );
}

describe('bytes of any kind', () => {
  it.each<readonly [string, readonly Buffer[], (bytes: Buffer) => unknown]>([
    ['a greeting', [GREETING], decodeGreeting],
    ['a login', LOGINS, (bytes) => decodeHandshakeResponse(bytes, 0xffffffff)],
    ['a request for TLS', LOGINS.map((login) => login.subarray(0, 32)), isSslRequest],
    [
      'a request to switch the plugin',
      [encodeAuthSwitchRequest({ authPlugin: 'x', authPluginData: SCRAMBLE })],
      decodeAuthSwitchRequest,
    ],
    ['data of a plugin', [Buffer.from([1, 4])], decodeAuthMoreData],
    [
      'a public key',
      [Buffer.from('-----BEGIN PUBLIC KEY-----\n')],
      (bytes) => encryptPassword('secret', SCRAMBLE, bytes),
    ],
    ['OK with session track', [OK], (bytes) => decodeOk(bytes, true)],
    ['OK', [OK], (bytes) => decodeOk(bytes, false)],
    ['ERR', [ERR], decodeErr],
    ['EOF', [Buffer.from('fe00000200', 'hex')], decodeEof],
    ['a column', [COLUMN], decodeColumn],
    ['a session state', [Buffer.from('010504746573740007016102616102', 'hex')], decodeSessionState],
  ])('as %s are decoded or refused', (_, bases, decode) => holds(hostile(...bases), decode));

  it('as a nonce are scrambled or refused', () =>
    holds(randomBytes, (nonce) => encryptPassword('secret', nonce, '-----BEGIN PUBLIC KEY-----')));

  it('as the answer of a plugin never log in', () => {
    const verifier = credentialVerifierOf('correct horse battery staple');
    fc.assert(
      fc.property(randomBytes, fc.constantFrom(20, 32), (bytes, length) => {
        for (const answer of [bytes, Buffer.concat([bytes, Buffer.alloc(length)]).subarray(0, length)]) {
          expect(verifyNativePassword(answer, SCRAMBLE, verifier)).toBe(false);
          expect(verifyCachingSha2Password(answer, SCRAMBLE, verifier)).toBe(false);
        }
      }),
      SEEDED,
    );
  });

  it('as a command are decoded or refused', () => {
    const base = Buffer.from('1601000000010000007461626c650025', 'hex');
    const decoders = [
      decodeInitDb,
      decodeFieldList,
      decodeStatementId,
      decodeSendLongData,
      decodeFetch,
      decodeExecuteId,
    ];
    holds(
      hostile(base).filter((bytes) => bytes.length > 0), // a session never reads an empty payload as a command
      (bytes) => {
        for (const decode of [...decoders, expectBareCommand]) outcomeOf(() => decode(bytes));
      },
    );
  });

  it('as an execution give one value a parameter that JSON keeps as it is, or are refused', () => {
    const longData = new Map([[3, Buffer.from([0xff, 0xfe])]]);
    let decoded = 0;
    const run = (payload: Buffer, parameterCount: number): void => {
      if (payload.length === 0) return;
      for (const known of [{ parameterCount }, { parameterCount, longData }]) {
        const execute = outcomeOf(() => decodeExecute(payload, known));
        if (execute instanceof BrokerError) continue;
        decoded += 1;
        expect(execute.values).toHaveLength(parameterCount);
        const positive = execute.values.map(({ value, ...rest }) => ({ ...rest, value: value === 0 ? 0 : value })); // JSON has no -0
        expect(JSON.parse(JSON.stringify(execute.values))).toEqual(positive);
      }
    };
    fc.assert(
      fc.property(executions, ({ payload, parameterCount }) => run(payload, parameterCount)),
      SEEDED,
    );
    fc.assert(fc.property(mutated(executions.map(({ payload }) => payload)), fc.nat({ max: 70_000 }), run), SEEDED);
    expect(decoded).toBeGreaterThan(rounds(50));
  });

  it('as a response are followed alike however they are split, and decoded, or refused', () => {
    const response = fc.oneof(
      mutated(fc.constantFrom(...CAPTURED_RESPONSES.map(({ bytes }) => bytes))),
      fc
        .array(hostile(OK, ERR, COLUMN, Buffer.from([1])), { maxLength: 6 })
        .map((payloads) => Buffer.concat(payloads.map((payload, index) => encodePackets(index + 1, payload)))),
      randomBytes,
    );
    fc.assert(
      fc.property(
        response,
        arbitraryCuts,
        fc.constantFrom(...CAPABILITIES),
        fc.constantFrom(...ANSWERED),
        fc.boolean(),
        (bytes, cuts, capabilities, command, cursorRequested) => {
          const follow = (chunks: readonly Buffer[]): unknown => {
            const tracker = new ResponseTracker(capabilities);
            tracker.begin(command, 0, cursorRequested);
            for (const chunk of chunks) {
              expect(tracker.push(chunk)).toBeLessThanOrEqual(chunk.length);
              if (tracker.done) break;
            }
            return { done: tracker.done, results: tracker.results, error: tracker.error, prepared: tracker.prepared };
          };
          const [whole, inPieces] = [outcomeOf(() => follow([bytes])), outcomeOf(() => follow(split(bytes, cuts)))];
          if (whole instanceof BrokerError) expect(inPieces).toBeInstanceOf(BrokerError);
          else expect(inPieces).toEqual(whole);
          const decoded = outcomeOf(() => decodeResponse(bytes, { capabilities, command, cursorRequested }));
          if (decoded instanceof BrokerError) expect(decoded.code).toBe('target_protocol_violation');
        },
      ),
      { ...SEEDED, numRuns: rounds(4_000) },
    );
  });

  it('as a stream of a client are cut into frames that give back the bytes, or refused', () => {
    const streams = fc
      .array(fc.oneof(randomBytes, fc.constantFrom(...LOGINS)), { maxLength: 5 })
      .map((payloads) => Buffer.concat(payloads.map((payload) => encodePackets(0, payload))));
    fc.assert(
      fc.property(fc.oneof(streams, mutated(streams), randomBytes), arbitraryCuts, (bytes, cuts) => {
        const decoder = new FrameDecoder({ payloadBytesMax: 500 });
        const given: Buffer[] = [];
        const outcome = outcomeOf(() => {
          for (const chunk of split(bytes, cuts)) {
            decoder.push(chunk);
            for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) given.push(frame.wire);
          }
          return true;
        });
        const through = Buffer.concat(given);
        expect(through.equals(bytes.subarray(0, through.length))).toBe(true);
        if (outcome === true) expect(through.length + decoder.bufferedBytes).toBe(bytes.length);
      }),
      SEEDED,
    );
  });
});
