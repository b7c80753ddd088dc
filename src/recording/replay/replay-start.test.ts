import { describe, expect, it } from 'vitest';
import { followedFrom } from './replay-start.js';

const COUNT = 20_000;
/** Each session has so many lines; session 1 has the first and the last of all, too. */
const SESSION_LINES = 50;

function lineOf(seq: number): string {
  const head = `{"seq":${seq},"prev":"${'0'.repeat(64)}","at":"2026-01-01T00:00:00.000000Z","mono":${seq}.5`;
  if (seq === 1) return `${head},"type":"grant.opened","format":2}\n`;
  if (seq === COUNT) return `${head},"type":"grant.closed"}\n`;
  if (seq === 2 || seq === COUNT - 1)
    return `${head},"type":"${seq === 2 ? 'session.opened' : 'result'}","session":1}\n`;
  const session = 2 + Math.floor(seq / SESSION_LINES);
  const isFirst = seq % SESSION_LINES === 0 || seq === 3;
  return `${head},"type":"${isFirst ? 'session.opened' : 'operation'}","session":${session},"body":{"text":"x"}}\n`;
}

const LINES = Array.from({ length: COUNT }, (_, index) => lineOf(index + 1));

/** A source that jumps to a line some way before, and knows which lines were read. */
function recordingOf(lines: readonly string[]) {
  const read = { first: Infinity };
  async function* source(fromSeq: number): AsyncGenerator<Buffer> {
    for (let at = Math.max(0, fromSeq - 8); at < lines.length; at += 10) {
      read.first = Math.min(read.first, at + 1);
      yield Buffer.from(lines.slice(at, at + 10).join(''));
    }
  }
  return { source, read };
}

describe('where a replay begins to follow a recording', () => {
  it.each([
    ['at the session of the first chosen entry', { from: 15_020, to: 15_030 }, 15_000],
    ['at the session that is asked for', { from: 15_060, to: 15_080, session: 303 }, 15_050],
    ['at the oldest of their sessions', { from: 15_049, to: 15_060 }, 15_000],
    ['at the chosen entry, where it begins a session', { from: 15_000, to: 15_010 }, 15_000],
    [
      'at the chosen entry, where the session that is asked for begins later',
      { from: 14_990, to: 15_060, session: 302 },
      14_990,
    ],
    [
      'at the chosen entry, where none is of the session that is asked for',
      { from: 14_990, to: 15_060, session: 7 },
      14_990,
    ],
  ])('is %s', async (_, chosen, start) => {
    const { source, read } = recordingOf(LINES);
    expect(await followedFrom(source, chosen)).toBe(start);
    expect(read.first).toBeGreaterThan(13_000); // what came before is not read
  });

  it.each([
    ['a session began with the recording', { from: 15_000, to: Infinity }, 2],
    ['all is asked for', { from: 1, to: Infinity }, 1],
    ['it is asked for from before the first', { from: 0, to: Infinity }, 1],
    ['there is no such entry', { from: COUNT + 1, to: Infinity }, 1],
  ])('is near the first entry where %s', async (_, chosen, start) => {
    expect(await followedFrom(recordingOf(LINES).source, chosen)).toBe(start);
  });

  it.each([
    ['does not begin as lines do', 15_010, 'x\n'],
    ['has another number', 15_010, lineOf(9)],
    ['has no session', 15_010, lineOf(15_010).replace(/,"session":\d+/, '')],
    ['is one of those looked back at and does not begin as lines do', 14_800, 'x\n'],
  ])('is the first entry where a line %s', async (_, seq, line) => {
    const lines = LINES.with(seq - 1, line);
    expect(await followedFrom(recordingOf(lines).source, { from: 15_005, to: 15_020 })).toBe(1);
  });

  it('is the first entry where the source jumps too far', async () => {
    const { source } = recordingOf(LINES);
    expect(await followedFrom((seq) => source(seq + 500), { from: 15_005, to: 15_020 })).toBe(1);
  });
});
