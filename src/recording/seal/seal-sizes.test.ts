import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.js';
import {
  RECORDED as protocols,
  grantClosed,
  grantOpened,
  inScratch,
  result,
  sessionClosed,
  sessionOpened,
  statement,
} from '../testing/recordings.js';
import { verifyBothWays } from '../testing/sealed-members.js';
import { verifyRecording } from '../verify/verify.js';
import { RecordingWriter } from '../write/writer.js';
import { sealRecording } from './seal.js';
import { generateSealKey, jwkSigner } from './signer.js';

interface Sizes {
  readonly textBytes: number;
  readonly responseBytes: number;
}

/** Bytes in which nothing repeats: their frame is as long as they are, and a few bytes longer. */
async function recordIncompressible(directory: string, { textBytes, responseBytes }: Sizes): Promise<void> {
  const writer = await RecordingWriter.create({ directory, clock: systemClock, durability: 'process' });
  const capture = writer.captureResponse();
  writer.append(grantOpened);
  writer.append(sessionOpened);
  writer.append(statement(1, randomBytes(textBytes).toString('base64').slice(0, textBytes)));
  capture.take(randomBytes(responseBytes));
  writer.append(result(1, capture.finish()));
  writer.append(sessionClosed);
  writer.append({ type: 'grant.closing', reason: 'completed', by: null });
  writer.append(grantClosed());
  await writer.close();
}

async function expectSealed(sizes: readonly Sizes[], threadsFromBytes?: number): Promise<void> {
  const signer = await jwkSigner(await generateSealKey());
  await inScratch(async (scratch) => {
    for (const [index, size] of sizes.entries()) {
      const [directory, out] = [join(scratch, String(index), '01JTEST'), join(scratch, `${index}.tar`)];
      await recordIncompressible(directory, size);
      await sealRecording({ grant: '01JTEST', directory, out, signer, protocols, clock: systemClock });
      const report =
        threadsFromBytes === undefined
          ? await verifyBothWays(out)
          : await verifyRecording(out, { protocols, threadsFromBytes });
      expect(report, JSON.stringify(size)).toMatchObject({ ok: true, entries: 7, segments: 1 });
    }
  });
}

/** A frame is ten bytes or so longer than these: around the sizes of blocks that streams and pools have. */
const AROUND = [8, 16, 32, 64].flatMap((kib) => Array.from({ length: 9 }, (_, bytes) => kib * 1024 - 14 + bytes));

it('seals what verifies, whatever size a segment is compressed to', { timeout: 60_000 }, async () => {
  await expectSealed(AROUND.map((responseBytes) => ({ textBytes: 10, responseBytes })));
});

it('seals what verifies, from small to large, with statements and responses alike', { timeout: 60_000 }, async () => {
  const sizes = Array.from({ length: 30 }, (_, step) => 1024 + step * 2721);
  await expectSealed(sizes.map((bytes) => ({ textBytes: bytes, responseBytes: 82_000 - bytes })));
});

it('seals what verifies with threads', { timeout: 60_000 }, async () => {
  const sizes = [16_374, 32_758, 65_526, 40_000];
  await expectSealed(
    sizes.map((responseBytes) => ({ textBytes: responseBytes, responseBytes })),
    0,
  );
});
