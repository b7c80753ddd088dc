// A child process of the fault tests: records statements until it is killed or fails, and says on its output which were
// released (`r 12`), that the writer failed (`failed`), and that the closing entries are in (`closed`).
// Arguments: directory, durability, limits as JSON.
import { writeSync } from 'node:fs';
import { z } from 'zod';
import { systemClock } from '../../kernel/clock.js';
import { RecordingWriter } from '../write/writer.js';
import { grantClosed, grantOpened, result, sessionClosed, sessionOpened, statement } from './recordings.js';

const [directory, durability, limits] = z
  .tuple([
    z.string(),
    z.enum(['process', 'disk']),
    z.string().transform((json) => z.record(z.string(), z.number()).parse(JSON.parse(json))),
  ])
  .parse(process.argv.slice(2));

const writer = await RecordingWriter.create({ directory, clock: systemClock, durability, limits });
writer.onFailure((failure) => {
  writeSync(1, `failed ${failure.code}\n`);
});
const capture = writer.captureResponse();
writer.append(grantOpened);
writer.append(sessionOpened);
let number = 0;

function turn(): void {
  if (writer.failure !== undefined) {
    finish();
    return;
  }
  for (let count = 0; count < 5; count += 1) {
    number += 1;
    const released = number;
    writer.append(statement(number, `SELECT ${'x'.repeat(number % 300)}`), () => writeSync(1, `r ${released}\n`));
    for (let slice = 0; slice <= number % 4; slice += 1) capture.take(Buffer.alloc(number % 1500, number));
    writer.append(result(number, capture.finish()));
  }
  setImmediate(turn);
}

function finish(): void {
  try {
    writer.appendClosing(sessionClosed);
    writer.appendClosing({ type: 'grant.closing', reason: 'failed', by: null });
    writer.appendClosing({ ...grantClosed(), reason: 'failed' });
    writeSync(1, 'closed\n');
  } catch (error) {
    writeSync(1, `not closed: ${String(error)}\n`);
  }
  void writer.close();
}

turn();
