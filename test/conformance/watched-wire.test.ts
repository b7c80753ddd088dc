import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTemporaryFolder } from '../support/folders.js';
import { watchWire } from './watched-wire.js';

test('what reaches the target before it is in the recording, or twice, would be noticed', async () => {
  const folder = makeTemporaryFolder();
  await mkdir(join(folder, 'g'));
  await writeFile(join(folder, 'g', 'entries.jsonl'), '{"text":"say mark-1"}\n');
  const target = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const address = target.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port');
  const wire = await watchWire({ host: '127.0.0.1', port: address.port }, folder);
  for (const mark of ['mark-1', 'mark-2', 'mark-3']) wire.expect({ grant: 'g', mark, bytes: `say ${mark}\n` });
  const client = connect(wire.proxy.port, wire.proxy.host);
  client.write('say mark-1\nsay mark-2\nsay mark-1\nrehearse mark-3\n');
  await expect.poll(() => wire.passed).toHaveLength(3);
  client.destroy();
  await wire.proxy.close();
  target.close();
  expect(wire.passed.filter(({ wasRecorded }) => !wasRecorded).map(({ mark }) => mark)).toEqual(['mark-2']);
  expect([wire.count('mark-1'), wire.count('mark-2'), wire.count('mark-3')]).toEqual([2, 1, 0]);
});
