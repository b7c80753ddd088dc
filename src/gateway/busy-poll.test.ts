import { beforeEach, describe, expect, it } from 'vitest';
import { BusyPoll, type Sender } from './busy-poll.js';

const WINDOW_US = 100;
const TURN_US = 3;

/** An event loop that turns by hand, and counts its turns until it would sleep. */
class Loop {
  nowUs = 1_000_000;
  #next: (() => void) | undefined;
  readonly poll: BusyPoll;

  constructor(windowUs = WINDOW_US) {
    this.poll = new BusyPoll({
      windowUs,
      monotonicUs: () => this.nowUs,
      runSoon: (decide) => {
        expect(this.#next).toBeUndefined();
        this.#next = decide;
      },
    });
  }

  /** Bytes come `gapUs` after the last ones, while the loop turns; gives for how long it stayed awake until then. */
  arrive(sender: Sender, gapUs: number): number {
    const comesUs = this.nowUs + gapUs;
    const awakeUs = this.turnUntil(comesUs);
    this.nowUs = comesUs;
    this.poll.arrived(sender);
    this.#turn(); // that in which they came ends
    return awakeUs;
  }

  /** Turns until that time or until it would sleep; gives how long that was. */
  turnUntil(endUs: number): number {
    const beganUs = this.nowUs;
    while (this.#next !== undefined && this.nowUs + TURN_US <= endUs) {
      this.nowUs += TURN_US;
      this.#turn();
    }
    return this.nowUs - beganUs;
  }

  #turn(): void {
    const turn = this.#next;
    this.#next = undefined;
    turn?.();
  }
}

describe('BusyPoll', () => {
  let loop: Loop;
  beforeEach(() => {
    loop = new Loop();
  });

  function talk(rounds: number, { answerUs, thinkUs }: { readonly answerUs: number; readonly thinkUs: number }) {
    const awake = { target: 0, client: 0 };
    for (let round = 0; round < rounds; round += 1) {
      awake.client = loop.arrive('client', thinkUs);
      awake.target = loop.arrive('target', answerUs);
    }
    return awake;
  }

  it('stays awake while bytes come faster than its window', () => {
    const awake = talk(50, { answerUs: 40, thinkUs: 30 });
    expect(awake.target).toBeGreaterThan(40 - TURN_US);
    expect(awake.client).toBeGreaterThan(30 - TURN_US);
  });

  it('sleeps when nothing has come for a window', () => {
    talk(50, { answerUs: 40, thinkUs: 30 });
    const awakeUs = loop.turnUntil(loop.nowUs + 10 * WINDOW_US);
    expect(awakeUs).toBeGreaterThanOrEqual(WINDOW_US);
    expect(awakeUs).toBeLessThan(WINDOW_US + 2 * TURN_US);
  });

  it('does not wait for a client that takes its time, but does for the quick target behind it', () => {
    const awake = talk(50, { answerUs: 40, thinkUs: 20 * WINDOW_US });
    expect(awake.target).toBeGreaterThan(40 - TURN_US);
    expect(awake.client).toBeLessThan(WINDOW_US - 40 + TURN_US); // what was left of the window before
  });

  it('costs nothing when bytes come seldom', () => {
    expect(talk(50, { answerUs: 3 * WINDOW_US, thinkUs: 5 * WINDOW_US })).toEqual({ target: 0, client: 0 });
  });

  it('goes on soon after one long pause', () => {
    talk(50, { answerUs: 40, thinkUs: 30 });
    talk(1, { answerUs: 40, thinkUs: 60_000_000 });
    expect(talk(5, { answerUs: 40, thinkUs: 30 }).client).toBeGreaterThan(30 - TURN_US);
  });

  it('sleeps at once with a window of 0', () => {
    loop = new Loop(0);
    expect(talk(50, { answerUs: 1, thinkUs: 1 })).toEqual({ target: 0, client: 0 });
  });
});
