import { useCallback, useEffect, useState } from 'react';
import type { EntrySource } from '../entries/entry-source.js';
import { PACES, stepMs, type Pace } from './times.js';

export interface Player {
  readonly isPlaying: boolean;
  readonly pace: Pace;
  readonly toggle: () => void;
  readonly stop: () => void;
  readonly choosePace: (pace: Pace) => void;
  /** One pace slower, or faster. */
  readonly changePace: (by: -1 | 1) => void;
}

export interface PlayerPlace {
  readonly source: EntrySource;
  readonly selected: number;
  readonly select: (seq: number) => void;
  /** More entries may come: at the end it waits for them. */
  readonly isLive: boolean;
}

/** Goes on from the chosen entry to the next one of the list, after the time that lay between them, by the pace. */
export function usePlayer({ source, selected, select, isLive }: PlayerPlace): Player {
  const [isPlaying, setPlaying] = useState(false);
  const [pace, setPace] = useState<Pace>(1);
  const row = source.rowOf(selected);
  const here = row === undefined ? undefined : source.at(row);
  const next = row === undefined ? source.at(0) : source.at(row + 1);
  const isOver = row !== undefined && row + 1 >= source.count && !source.hasMore && !isLive;
  const nextSeq = next?.seq;
  const waitMs = stepMs(here === undefined || next === undefined ? 0 : next.monoUs - here.monoUs, pace);
  useEffect(() => {
    if (!isPlaying || nextSeq === undefined) return undefined;
    const timer = setTimeout(() => select(nextSeq), waitMs);
    return () => clearTimeout(timer);
  }, [isPlaying, nextSeq, waitMs, select]);
  return {
    isPlaying: isPlaying && !isOver,
    pace,
    toggle: () => {
      if (!isPlaying && isOver) {
        const first = source.at(0);
        if (first !== undefined) select(first.seq);
      }
      setPlaying(!(isPlaying && !isOver));
    },
    stop: useCallback(() => setPlaying(false), []),
    choosePace: setPace,
    changePace: (by) => setPace(PACES[Math.min(Math.max(0, PACES.indexOf(pace) + by), PACES.length - 1)] ?? 1),
  };
}
