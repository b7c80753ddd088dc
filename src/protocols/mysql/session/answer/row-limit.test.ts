import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  SERVER_SESSION_STATE_CHANGED,
  SERVER_STATUS_AUTOCOMMIT,
  SERVER_STATUS_IN_TRANS,
  decodeOk,
  encodeOk,
} from '../../wire/packets.js';
import { rowsHit, withoutTransaction } from './row-limit.js';

/**
 * Payloads of OK packets as MariaDB 10.11.19 and MySQL 9.7.4 sent them on a loopback connection, to statements inside of
 * a transaction unless they say otherwise; `tracked`: CLIENT_SESSION_TRACK, with all trackers on.
 */
const CAPTURED: readonly {
  readonly name: string;
  readonly tracked: boolean;
  readonly hex: string;
  readonly hit: bigint;
}[] = [
  {
    name: 'UPDATE that matches 3 and changes 2, both servers',
    tracked: false,
    hex: '0002002300000028526f7773206d6174636865643a203320204368616e6765643a203220205761726e696e67733a2030',
    hit: 3n,
  },
  {
    name: 'UPDATE that matches 3 and changes 2, MariaDB',
    tracked: true,
    hex: '0002002340000028526f7773206d6174636865643a203320204368616e6765643a203220205761726e696e67733a20300b050908545f5f5f575f5f5f',
    hit: 3n,
  },
  {
    name: 'UPDATE that matches 3 and changes 2, MySQL',
    tracked: true,
    hex: '0002002340000028526f7773206d6174636865643a203320204368616e6765643a203220205761726e696e67733a20301d00100c73746174656d656e745f6964023333050908545f5f5f575f5f5f',
    hit: 3n,
  },
  {
    name: 'UPDATE that matches 3 and changes none, with CLIENT_FOUND_ROWS, MariaDB',
    tracked: true,
    hex: '0003002300000028526f7773206d6174636865643a203320204368616e6765643a203020205761726e696e67733a2030',
    hit: 3n,
  },
  {
    name: 'UPDATE that matches 2 and changes none, in French, both servers',
    tracked: false,
    hex: '000000220000003c456e72656769737472656d656e747320636f72726573706f6e64616e74733a203220204d6f64696669c3a9733a203020205761726e696e67733a2030',
    hit: 2n,
  },
  { name: 'DELETE of one row, MariaDB', tracked: true, hex: '00010003000000', hit: 1n },
  {
    name: 'DELETE of one row, MySQL',
    tracked: true,
    hex: '00010003400000001200100c73746174656d656e745f6964023335',
    hit: 1n,
  },
  { name: 'REPLACE of one row that was there, both servers', tracked: false, hex: '00020003000000', hit: 2n },
  {
    name: 'INSERT of three rows outside of a transaction, both servers',
    tracked: true,
    hex: '00030002000000265265636f7264733a203320204475706c6963617465733a203020205761726e696e67733a2030',
    hit: 3n,
  },
  {
    name: 'INSERT of two rows, one changed by ON DUPLICATE KEY UPDATE and one left as it was, MySQL',
    tracked: true,
    hex: '00020003400100265265636f7264733a203220204475706c6963617465733a203120205761726e696e67733a20311200100c73746174656d656e745f6964023337',
    hit: 2n,
  },
];

describe('the rows that a statement hit', () => {
  it.each(CAPTURED)('are all that it could have changed: $name', ({ hex, tracked, hit }) => {
    expect(rowsHit(decodeOk(Buffer.from(hex, 'hex'), tracked))).toBe(hit);
  });

  it('are not taken from the length that a server puts before its text', () => {
    const info = 'Rows matched: 5  '.padEnd(48, '.'); // 48 is the code of the digit 0
    const payload = Buffer.concat([Buffer.from('0000000200000030', 'hex'), Buffer.from(info)]);
    expect(rowsHit(decodeOk(payload, false))).toBe(5n);
  });

  it('may be more than a number can count', () => {
    expect(rowsHit({ affectedRows: 2n ** 60n, info: '' })).toBe(2n ** 60n);
  });
});

describe('an OK packet without the transaction around its statement', () => {
  it.each(CAPTURED)('says that none is open and is else the same: $name', ({ hex, tracked }) => {
    const payload = Buffer.from(hex, 'hex');
    const { affectedRows, lastInsertId, statusFlags, warnings, info } = decodeOk(payload, tracked);
    const patched = withoutTransaction(payload, tracked);
    const after = decodeOk(patched, tracked);
    expect(after).toMatchObject({ affectedRows, lastInsertId, warnings, info });
    expect(after.statusFlags & SERVER_STATUS_IN_TRANS).toBe(0);
    expect(after.statusFlags & SERVER_STATUS_AUTOCOMMIT).toBe(statusFlags & SERVER_STATUS_AUTOCOMMIT);
    expect(after.sessionState?.includes(Buffer.from('T___')) ?? false).toBe(false);
    expect(payload.toString('hex')).toBe(hex);
  });

  it('is what the server sends for the same statement on its own', () => {
    const alone = '0002002200000028526f7773206d6174636865643a203220204368616e6765643a203220205761726e696e67733a2030';
    const inside =
      '0002002340000028526f7773206d6174636865643a203220204368616e6765643a203220205761726e696e67733a20300b050908545f5f5f575f5f5f';
    expect(withoutTransaction(Buffer.from(inside, 'hex'), true).toString('hex')).toBe(alone);
    expect(
      withoutTransaction(Buffer.from('00010003400000000b050908545f5f5f575f5f5f', 'hex'), true).toString('hex'),
    ).toBe('00010002000000');
  });

  it('keeps what its session state says of other things', () => {
    const statement = '100c73746174656d656e745f6964023333';
    const state = Buffer.from(`00${statement}050908545f5f5f575f5f5f`, 'hex');
    const status = SERVER_STATUS_AUTOCOMMIT | SERVER_SESSION_STATE_CHANGED;
    const made = encodeOk(
      {
        affectedRows: 1,
        lastInsertId: 0,
        statusFlags: status | SERVER_STATUS_IN_TRANS,
        warnings: 0,
        info: '',
        sessionState: state,
      },
      true,
    );
    expect(decodeOk(withoutTransaction(made, true), true)).toEqual({
      affectedRows: 1,
      lastInsertId: 0,
      statusFlags: status,
      warnings: 0,
      info: '',
      sessionState: Buffer.from(`00${statement}`, 'hex'),
    });
  });

  it('is made of any OK packet, and again gives the same', () => {
    const tracker = fc.record({ type: fc.nat(6), content: fc.uint8Array({ maxLength: 40 }) });
    const packet = fc.record({
      affectedRows: fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 54n, max: 2n ** 64n - 1n })),
      lastInsertId: fc.nat(),
      flags: fc.nat(0xffff),
      warnings: fc.nat(0xffff),
      info: fc.string({ maxLength: 300 }),
      trackers: fc.array(tracker, { maxLength: 8 }),
    });
    fc.assert(
      fc.property(packet, ({ flags, trackers, ...rest }) => {
        const state = Buffer.concat(
          trackers.map(({ type, content }) => Buffer.from([type, content.length, ...content])),
        );
        const tracked = state.length > 0;
        const statusFlags = tracked ? flags | SERVER_SESSION_STATE_CHANGED : flags & ~SERVER_SESSION_STATE_CHANGED;
        const made = encodeOk({ ...rest, statusFlags, sessionState: tracked ? state : undefined }, true);
        const patched = withoutTransaction(made, true);
        const kept = trackers.filter(({ type }) => type !== 4 && type !== 5);
        const after = decodeOk(patched, true);
        expect(after).toMatchObject(rest);
        expect(after.sessionState?.length ?? 0).toBe(kept.reduce((sum, { content }) => sum + 2 + content.length, 0));
        expect(after.statusFlags & SERVER_STATUS_IN_TRANS).toBe(0);
        expect(withoutTransaction(patched, true)).toEqual(patched);
      }),
    );
  });

  it('is nothing else than what came where it is no OK packet', () => {
    const refusal = Buffer.from('ff7a042334325330325461626c6520276e6f742720646f65736e2774206578697374', 'hex');
    expect(withoutTransaction(refusal, true)).toBe(refusal);
  });

  it.each(['000100', '0001000340', '000100034000000020'])('is refused when it is cut, as %s', (hex) => {
    expect(() => withoutTransaction(Buffer.from(hex, 'hex'), true)).toThrow(/^target_protocol_violation/);
  });
});
