import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../../kernel/errors.js';
import {
  CLIENT_CONNECT_ATTRS,
  CLIENT_CONNECT_WITH_DB,
  CLIENT_LONG_PASSWORD,
  CLIENT_MULTI_STATEMENTS,
  CLIENT_PLUGIN_AUTH,
  CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA,
  CLIENT_PROTOCOL_41,
  CLIENT_SECURE_CONNECTION,
  CLIENT_SSL,
  OFFERED_CAPABILITIES_MASK,
} from './capabilities.js';
import { CAPTURED_GREETING, CAPTURED_LOGIN } from '../response/captured-responses.fixture.js';
import {
  ATTRIBUTES_COUNT_MAX,
  decodeAuthMoreData,
  decodeAuthSwitchRequest,
  decodeGreeting,
  decodeHandshakeResponse,
  encodeAuthMoreData,
  encodeAuthSwitchRequest,
  encodeGreeting,
  encodeHandshakeResponse,
  encodeSslRequest,
  isSslRequest,
  type HandshakeResponse,
} from './handshake.js';

const SEEDED = { seed: 45, numRuns: 200 };
const BASE = CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION;
const LOGIN: HandshakeResponse = {
  capabilities: BASE,
  packetBytesMax: 1 << 24,
  collationId: 45,
  user: 'agent',
  authResponse: Buffer.alloc(20, 7),
  attributes: new Map(),
};

const arbitraryName = fc
  .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
  .filter((name) => !name.includes('\0'));

describe('a greeting', () => {
  it('of a MariaDB is read with its extended capabilities', () => {
    expect(decodeGreeting(CAPTURED_GREETING)).toEqual({
      serverVersion: '5.5.5-10.11.19-MariaDB-0+deb12u1',
      threadId: 4,
      authPluginData: Buffer.from('2d575171637e7036583b5e45227448476a612947', 'hex'),
      capabilities: 0x81fff7fe,
      collationId: 8,
      statusFlags: 2,
      authPlugin: 'mysql_native_password',
      mariadbCapabilities: 0x1d,
    });
  });

  it('is written as that server writes it', () => {
    expect(encodeGreeting(decodeGreeting(CAPTURED_GREETING))).toEqual(CAPTURED_GREETING);
  });

  it('has no extended capabilities when bit 0 is set', () => {
    const greeting = decodeGreeting(CAPTURED_GREETING);
    const encoded = encodeGreeting({ ...greeting, capabilities: greeting.capabilities | CLIENT_LONG_PASSWORD });
    expect(decodeGreeting(encoded).mariadbCapabilities).toBe(0);
  });

  it.each([
    ['of another protocol version', Buffer.concat([Buffer.from([9]), CAPTURED_GREETING.subarray(1)])],
    [
      'of a server that is too old',
      Buffer.concat([Buffer.from('0a352e30000400000061626364656667680000000000', 'hex')]),
    ],
    ['without an end', CAPTURED_GREETING.subarray(0, -1)],
    ['with an endless version', Buffer.concat([Buffer.from([10]), Buffer.alloc(400, 0x61)])],
    ['of nothing', Buffer.alloc(0)],
  ])('%s is a violation of the protocol', (_, payload) => {
    expect(() => decodeGreeting(payload)).toThrow(/^target_protocol_violation/);
  });
});

describe('a request for TLS', () => {
  it('is told from a login', () => {
    const request = encodeSslRequest({ ...LOGIN, capabilities: BASE | CLIENT_SSL });
    expect(request).toHaveLength(32);
    expect(isSslRequest(request)).toBe(true);
    expect(isSslRequest(encodeHandshakeResponse(LOGIN))).toBe(false);
    expect(isSslRequest(encodeHandshakeResponse({ ...LOGIN, capabilities: BASE | CLIENT_SSL }))).toBe(false);
    expect(isSslRequest(Buffer.alloc(32))).toBe(false);
  });
});

describe('a login', () => {
  it('of a real client is read, with only what was offered', () => {
    const login = decodeHandshakeResponse(CAPTURED_LOGIN, OFFERED_CAPABILITIES_MASK);
    expect(login).toMatchObject({
      collationId: 33,
      user: 'wb',
      authResponse: Buffer.from('56259d9243dcab084313eaf651c94413390760f6', 'hex'),
      database: 'test',
      authPlugin: 'mysql_native_password',
    });
    expect(login.attributes.get('_client_name')).toBe('libmariadb');
    expect(login.attributes.get('program_name')).toBe('mysql');
    expect(CAPTURED_LOGIN.readUInt32LE(0) & CLIENT_MULTI_STATEMENTS).not.toBe(0);
    expect(login.capabilities & CLIENT_MULTI_STATEMENTS).toBe(0);
    expect((login.capabilities & ~OFFERED_CAPABILITIES_MASK) >>> 0).toBe(0);
  });

  it('comes back as it was written, in each form of the answer', () => {
    const arbitraryForm = fc.constantFrom(
      { flags: CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA | CLIENT_SECURE_CONNECTION, answer: [0, 1, 2] },
      { flags: CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA, answer: Array.from({ length: 300 }, () => 9) },
      { flags: CLIENT_SECURE_CONNECTION, answer: [0, 1, 2] },
      { flags: 0, answer: [1, 2, 3] },
    );
    const arbitraryAttributes = fc.dictionary(fc.string({ maxLength: 30 }), fc.string({ maxLength: 300 }));
    fc.assert(
      fc.property(
        arbitraryForm,
        arbitraryName,
        fc.option(arbitraryName),
        fc.boolean(),
        arbitraryAttributes,
        (form, user, database, withPlugin, attributes) => {
          const capabilities =
            (CLIENT_PROTOCOL_41 |
              CLIENT_CONNECT_ATTRS |
              form.flags |
              (database === null ? 0 : CLIENT_CONNECT_WITH_DB) |
              (withPlugin ? CLIENT_PLUGIN_AUTH : 0)) >>>
            0;
          const login: HandshakeResponse = {
            capabilities,
            packetBytesMax: 1 << 24,
            collationId: 45,
            user,
            authResponse: Buffer.from(form.answer),
            ...(database === null ? {} : { database }),
            ...(withPlugin ? { authPlugin: 'mysql_native_password' } : {}),
            attributes: new Map(Object.entries(attributes)),
          };
          expect(decodeHandshakeResponse(encodeHandshakeResponse(login), 0xffffffff)).toEqual(login);
        },
      ),
      SEEDED,
    );
  });

  it('takes an empty database for none, as some drivers mean it', () => {
    const payload = encodeHandshakeResponse({ ...LOGIN, capabilities: BASE | CLIENT_CONNECT_WITH_DB, database: '' });
    expect(decodeHandshakeResponse(payload, 0xffffffff)).not.toHaveProperty('database');
  });

  it('from before MySQL 4.1 is refused', () => {
    const old = Buffer.from('85240000006f6c64004744534351595f5200', 'hex');
    expect(() => decodeHandshakeResponse(old, OFFERED_CAPABILITIES_MASK)).toThrow(/older than MySQL 4.1/);
  });

  it('is refused when a part of it is too long', () => {
    const decode = (login: Partial<HandshakeResponse>) =>
      decodeHandshakeResponse(encodeHandshakeResponse({ ...LOGIN, ...login }), OFFERED_CAPABILITIES_MASK);
    const attributes = (count: number) =>
      new Map(Array.from({ length: count }, (_, index) => [`name ${index}`, 'value'] as const));
    const withAttributes = BASE | CLIENT_CONNECT_ATTRS;
    expect(decode({ user: 'u'.repeat(255) }).user).toHaveLength(255);
    expect(() => decode({ user: 'u'.repeat(256) })).toThrow(/^handshake_invalid/);
    const withDatabase = { capabilities: BASE | CLIENT_CONNECT_WITH_DB };
    expect(() => decode({ ...withDatabase, database: 'd'.repeat(256) })).toThrow(/^handshake_invalid/);
    expect(decode({ capabilities: withAttributes, attributes: attributes(128) }).attributes.size).toBe(128);
    expect(() => decode({ capabilities: withAttributes, attributes: attributes(ATTRIBUTES_COUNT_MAX + 1) })).toThrow(
      /too many/,
    );
    expect(() => decode({ capabilities: withAttributes, attributes: new Map([['a', 'v'.repeat(65_536)]]) })).toThrow(
      /too long/,
    );
  });

  it('that is malformed throws nothing but handshake_invalid', () => {
    fc.assert(
      fc.property(fc.nat({ max: CAPTURED_LOGIN.length - 1 }), fc.nat({ max: 255 }), fc.nat(), (at, byte, length) => {
        const payload = Buffer.from(CAPTURED_LOGIN);
        payload[at] = byte;
        const cut = payload.subarray(0, length % (payload.length + 1));
        for (const bytes of [payload, cut]) {
          try {
            decodeHandshakeResponse(bytes, OFFERED_CAPABILITIES_MASK);
          } catch (error) {
            expect(error).toBeInstanceOf(BrokerError);
            expect(error).toMatchObject({ code: 'handshake_invalid' });
          }
        }
      }),
      { ...SEEDED, numRuns: 1000 },
    );
  });
});

describe('what the server asks between login and OK', () => {
  it('comes back as it was written', () => {
    const request = { authPlugin: 'caching_sha2_password', authPluginData: Buffer.alloc(20, 0x41) };
    expect(decodeAuthSwitchRequest(encodeAuthSwitchRequest(request))).toEqual(request);
    expect(decodeAuthMoreData(encodeAuthMoreData(Buffer.from([4])))).toEqual(Buffer.from([4]));
  });

  it('is refused when it asks for the old password hash', () => {
    expect(() => decodeAuthSwitchRequest(Buffer.from([0xfe]))).toThrow(/old password hash/);
  });

  it('is refused when it is something else', () => {
    expect(() => decodeAuthSwitchRequest(Buffer.from([0x00]))).toThrow(/^target_protocol_violation/);
    expect(() => decodeAuthSwitchRequest(Buffer.from([0xfe, 0x61]))).toThrow(/^target_protocol_violation/);
    expect(() => decodeAuthMoreData(Buffer.alloc(0))).toThrow(/^target_protocol_violation/);
  });
});
