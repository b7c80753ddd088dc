// What each measured trick gains over its plain version, in processor time of one call: docs/measured-tricks.md.
// `node bench/tricks.mjs`. Both versions run in turn, and the best of several rounds counts, so that
// other work of the machine shows less.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import '../src/kernel/load-typescript.mjs';

const { Leg } = await import('../src/gateway/leg.ts');
const { BODY_BYTES } = await import('../src/protocols/mysql/recorded/body-bytes.ts');
const { analyse } = await import('../src/protocols/mysql/sql/analyse.ts');
const { fingerprintOfUtf8 } = await import('../src/protocols/mysql/sql/shape/fingerprint.ts');
const { dialectOf } = await import('../src/protocols/mysql/sql/text/dialect.ts');
const { lineText, putEntry } = await import('../src/recording/entries/entry-bytes.ts');
const { PendingLines } = await import('../src/recording/write/pending-lines.ts');

const ROUNDS = 7;
const LEG_CALLS = 20_000;
const CALLS = 100_000;

const lines = new PendingLines();
const head = {
  seq: 1_000_000,
  prev: 'a'.repeat(64),
  at: Buffer.from('2026-01-31T12:00:00.000001Z'),
  mono: 123_456_789,
};
const entry = {
  type: 'operation',
  session: 3,
  operation: 4_711,
  name: 'COM_QUERY',
  verdict: 'allow',
  policies: ['default#reads'],
  shape: 'select c from sbtest1 where id=?n',
  body: { database: 'shop', text: 'SELECT c FROM sbtest1 WHERE id=5013' },
};
const text = Buffer.from(entry.body.text);
const dialect = dialectOf({ flavour: 'mariadb', version: '10.11.19-MariaDB', sqlMode: '' });

const repeat = (count, call) => async () => {
  for (let index = 0; index < count; index += 1) call();
};

const TRICKS = [
  {
    name: 'entry of an operation: bytes, JSON',
    calls: CALLS,
    quick: repeat(CALLS, () => {
      if (!putEntry(lines, head, entry, BODY_BYTES)) throw new Error('The entry is not put together.');
      lines.end();
      lines.clear();
    }),
    plain: repeat(CALLS, () => {
      lines.add(lineText(head, entry));
      lines.clear();
    }),
  },
  {
    name: 'verdict of a known shape: shape, reading',
    calls: CALLS,
    quick: repeat(CALLS, () => fingerprintOfUtf8(text, dialect)),
    plain: repeat(CALLS, () => analyse(text, dialect, 'shop')),
  },
  {
    name: 'round trip of 60 bytes through a leg: direct, stream',
    calls: LEG_CALLS,
    quick: () => roundTrips('direct'),
    plain: () => roundTrips('stream'),
  },
];

for (const { name, calls, quick, plain } of TRICKS) {
  const best = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, work] of [quick, plain].entries()) {
      const { user: userBefore, system: systemBefore } = process.cpuUsage();
      await Promise.resolve(work());
      const { user, system } = process.cpuUsage();
      best[index] = Math.min(best[index], (user + system - userBefore - systemBefore) / calls);
    }
  }
  process.stdout.write(`${name}: ${best.map((us) => `${us.toFixed(2)} µs`).join(', ')}\n`);
}

/** A client sends, a leg sends back what came, and the client sends again. Both ends are in this process. */
async function roundTrips(way) {
  const server = createServer((socket) => {
    const leg = new Leg(socket, way, () => undefined);
    leg.listen({ onBytes: (bytes) => leg.pass(bytes), onEnd: () => leg.end(), onDrain: () => {}, onClose: () => {} });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(server.address().port, '127.0.0.1');
  const message = Buffer.alloc(60, 0x61);
  let left = LEG_CALLS;
  client.on('data', () => {
    left -= 1;
    if (left === 0) client.end();
    else client.write(message);
  });
  client.write(message);
  await once(client, 'close');
  server.close();
}
