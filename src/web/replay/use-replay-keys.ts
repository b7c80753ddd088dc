import { useKeys } from '../keys/keys.js';
import { texts } from '../texts/en.js';
import { KIND_KEYS } from './timeline/counters.js';
import { MARK_KINDS, type MarkKind } from './timeline/jumps.js';
import type { Player } from './timeline/use-player.js';

export interface ReplayActs {
  readonly player: Player;
  readonly last: number;
  readonly select: (seq: number) => void;
  readonly togglePlay: () => void;
  readonly toStatement: (way: 'next' | 'previous') => void;
  readonly toMark: (way: 'next' | 'previous', kind?: MarkKind) => void;
  readonly find: () => void;
  readonly verify: () => void;
}

/** The keys of a replay, for as long as it is shown. */
export function useReplayKeys({
  player,
  last,
  select,
  togglePlay,
  toStatement,
  toMark,
  find,
  verify,
}: ReplayActs): void {
  const words = texts.replay.keys;
  useKeys(words.title, [
    { key: 'Space', label: words.play, run: togglePlay },
    { key: 'ArrowRight', label: words.next, run: () => toStatement('next') },
    { key: 'ArrowLeft', label: words.previous, run: () => toStatement('previous') },
    { key: 'Shift+ArrowRight', label: words.nextMark, run: () => toMark('next') },
    { key: 'Shift+ArrowLeft', label: words.previousMark, run: () => toMark('previous') },
    ...MARK_KINDS.filter((kind) => KIND_KEYS[kind] !== '').map((kind) => ({
      key: KIND_KEYS[kind],
      label: words.kind(texts.replay.kinds[kind]),
      run: () => toMark('next', kind),
    })),
    { key: '[', label: words.slower, run: () => player.changePace(-1) },
    { key: ']', label: words.faster, run: () => player.changePace(1) },
    { key: 'Home', label: words.first, run: () => select(1) },
    { key: 'End', label: words.last, run: () => select(last) },
    { key: 'f', label: words.find, run: find },
    { key: 'v', label: words.verify, run: verify },
  ]);
}
