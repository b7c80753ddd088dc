import { expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.js';
import { Shutdown } from './shutdown.js';

const LONG_MS = 600_000;

/** A gateway whose steps note that they were taken; `empties` has its last grant end. */
function gatewayOf(drainMs: number) {
  const taken: string[] = [];
  const { promise: empty, resolve: empties } = Promise.withResolvers<void>();
  const { promise: ended, resolve: ends } = Promise.withResolvers<void>();
  const shutdown = new Shutdown({ clock: systemClock, drainMs, log: { info: () => undefined } });
  const isReady = (): void =>
    shutdown.ready({
      stopTaking: async () => void taken.push('takes nothing'),
      untilEmpty: () => empty,
      end: async () => {
        taken.push('ends');
        ends();
      },
    });
  return { shutdown, taken, empties, ended, isReady };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('keeps what is open until it has ended, and ends then, however often it is told to drain', async () => {
  const { shutdown, taken, empties, ended, isReady } = gatewayOf(LONG_MS);
  isReady();
  expect(shutdown.drainUntilMs).toBeUndefined();
  shutdown.drain('a signal');
  const untilMs = shutdown.drainUntilMs ?? 0;
  expect(untilMs - Date.now()).toBeGreaterThan(LONG_MS - 60_000);
  shutdown.drain('an operator');
  await turn();
  expect(taken).toEqual(['takes nothing']);
  expect(shutdown.drainUntilMs).toBe(untilMs);
  empties();
  await ended;
  expect(taken).toEqual(['takes nothing', 'ends']);
});

it('ends when its time is over', async () => {
  const { shutdown, taken, ended, isReady } = gatewayOf(10);
  isReady();
  shutdown.drain('a signal');
  await ended;
  expect(taken).toEqual(['takes nothing', 'ends']);
});

it.each(['at first', 'while it drains'])(
  'ends at once for the one who cannot wait, %s, and once only',
  async (when) => {
    const { shutdown, taken, ended, isReady } = gatewayOf(LONG_MS);
    isReady();
    if (when === 'while it drains') shutdown.drain('a signal');
    await turn();
    shutdown.endNow('Ctrl-C');
    shutdown.endNow('Ctrl-C');
    await ended;
    await turn();
    expect(taken).toEqual(['takes nothing', 'ends']);
  },
);

it('that is asked for before all of the gateway runs begins when it does', async () => {
  const { shutdown, taken, empties, ended, isReady } = gatewayOf(LONG_MS);
  shutdown.drain('an operator');
  empties();
  await turn();
  expect(taken).toEqual([]);
  isReady();
  await ended;
  expect(taken).toEqual(['takes nothing', 'ends']);
});
