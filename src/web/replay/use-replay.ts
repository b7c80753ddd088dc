import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { RecordingMarks } from '../../contracts/recordings/recording-marks.js';
import { entryOfAddress } from './entries/entry-of-address.js';
import type { MarkKind } from './timeline/jumps.js';
import { markFrom } from './timeline/jumps.js';
import { entryAtTime, statementFrom } from './timeline/seek.js';

const ADDRESS_MS = 200;

export interface ReplayPlace {
  /** The chosen entry; 0 before there is any. */
  readonly selected: number;
  readonly select: (seq: number) => void;
  readonly seek: (us: number) => void;
  readonly toStatement: (way: 'next' | 'previous') => void;
  readonly toMark: (way: 'next' | 'previous', kind?: MarkKind) => void;
  readonly entryAt: (us: number) => Promise<number>;
}

/** Where the reader is in a recording. The address says it too: `#e=124`, which is stable, since entries are chained. */
export function useReplayPlace(grant: string, marks: RecordingMarks, last: number, startsAtEnd: boolean): ReplayPlace {
  const client = useQueryClient();
  const [selected, setSelected] = useState(() => entryOfAddress() ?? (startsAtEnd ? last : Math.min(1, last)));
  const clamp = useCallback((seq: number) => Math.min(Math.max(1, Math.round(seq)), Math.max(1, last)), [last]);
  const select = useCallback((seq: number) => setSelected(clamp(seq)), [clamp]);
  /** A search for an entry that another one has overtaken leads nowhere. */
  const turn = useRef(0);
  const goTo = useCallback(
    (search: Promise<number | undefined>) => {
      turn.current += 1;
      const own = turn.current;
      // A read that fails is told by the list, which needs the same entries.
      search.then(
        (seq) => void (seq !== undefined && own === turn.current && select(seq)),
        () => undefined,
      );
    },
    [select],
  );
  const entryAt = useCallback((us: number) => entryAtTime(client, grant, marks, us), [client, grant, marks]);

  useEffect(() => {
    const follow = () => {
      const seq = entryOfAddress();
      if (seq !== undefined) select(seq);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [select]);
  useEffect(() => {
    if (selected < 1) return undefined;
    const timer = setTimeout(() => {
      if (entryOfAddress() !== selected) history.replaceState(history.state, '', `#e=${selected}`);
    }, ADDRESS_MS);
    return () => clearTimeout(timer);
  }, [selected]);

  return {
    selected: clamp(selected),
    select: useCallback(
      (seq) => {
        turn.current += 1;
        select(seq);
      },
      [select],
    ),
    seek: useCallback((us) => goTo(entryAt(us)), [goTo, entryAt]),
    toStatement: (way) => goTo(statementFrom(client, grant, selected, way)),
    toMark: (way, kind) =>
      goTo(Promise.resolve(markFrom(marks.marks, { from: selected, way, ...(kind === undefined ? {} : { kind }) }))),
    entryAt,
  };
}
