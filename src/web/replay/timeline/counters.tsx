import type { RecordingMarks } from '../../../contracts/recordings/recording-marks.js';
import { texts } from '../../texts/en.js';
import { MARK_KINDS, type MarkKind } from './jumps.js';

export const KIND_KEYS: Readonly<Record<MarkKind, string>> = {
  write: 'w',
  held: 'h',
  denied: 'd',
  error: 'e',
  session: '',
};

export interface CountersProps {
  readonly marks: RecordingMarks;
  readonly onJump: (kind: MarkKind) => void;
}

/** How many marks there are of each kind: each leads to the next one. Their colours are those of the lanes, in their order. */
export function Counters({ marks, onJump }: CountersProps) {
  const { counts, jumpTo } = texts.replay;
  return (
    <div className="counters">
      {MARK_KINDS.map((kind) => {
        const count = marks.counts[COUNT_OF[kind]];
        return (
          <button
            key={kind}
            type="button"
            className={`counter ${kind}`}
            disabled={count === 0}
            aria-label={jumpTo(counts[kind](count), KIND_KEYS[kind])}
            onClick={() => onJump(kind)}
          >
            <span className="counter-lane" aria-hidden="true" />
            <span>{counts[kind](count)}</span>
          </button>
        );
      })}
    </div>
  );
}

const COUNT_OF = { write: 'writes', held: 'held', denied: 'denied', error: 'errors', session: 'sessions' } as const;
