import './replay.css';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { RecordingView } from '../../contracts/recordings/recording.js';
import type { RecordingMarks } from '../../contracts/recordings/recording-marks.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { Note } from '../parts/said/note.js';
import { clockText } from '../texts/format.js';
import { texts } from '../texts/en.js';
import { Controls } from './timeline/controls.js';
import { Counters } from './timeline/counters.js';
import { EntryDetail } from './entries/entry-detail.js';
import { EntryList } from './entries/entry-list.js';
import { entryOfAddress } from './entries/entry-of-address.js';
import { useFoundSource, useWholeSource } from './entries/entry-source.js';
import { Filters, filterOf, isWhole, WHOLE, type EntryPart } from './entries/filters.js';
import { MARK_KINDS } from './timeline/jumps.js';
import { LacksNote } from './evidence/lacks-note.js';
import { marksQuery, pageQuery, PAGE_ENTRIES, recordingQuery } from './replay-calls.js';
import { TimeBar } from './timeline/time-bar.js';
import type { UsRange } from './timeline/time-bar-scale.js';
import { useLive } from './use-live.js';
import { usePlayer } from './timeline/use-player.js';
import { useReplayPlace } from './use-replay.js';
import { useReplayKeys } from './use-replay-keys.js';

export interface ReplayProps {
  readonly grant: string;
  /** What the key for verifying does. */
  readonly onVerify: () => void;
}

/** A recording as it happened: its time, its entries, and all of the chosen one. It follows one that goes on. */
export function Replay({ grant, onVerify }: ReplayProps) {
  const recording = useQuery(recordingQuery(grant));
  const marks = useQuery(marksQuery(grant));
  const failed = [recording, marks].find(({ data, error }) => data === undefined && error !== null);
  if (failed !== undefined) return <FailureNote error={failed.error} onRetry={() => void failed.refetch()} />;
  if (recording.data === undefined || marks.data === undefined) return <Loading />;
  return <ReplayOf key={grant} grant={grant} recording={recording.data} marks={marks.data} onVerify={onVerify} />;
}

interface ReplayOfProps extends ReplayProps {
  readonly recording: RecordingView;
  readonly marks: RecordingMarks;
}

function ReplayOf({ grant, recording, marks, onVerify }: ReplayOfProps) {
  const isLive = recording.state === 'recording';
  const live = useLive(grant, marks.entries, isLive);
  const total = Math.max(marks.entries, live.newest);
  const place = useReplayPlace(grant, marks, total, isLive);
  const { selected, select } = place;
  const [follows, setFollows] = useState(() => isLive && entryOfAddress() === undefined);
  const [shown, setShown] = useState<EntryPart>(WHOLE);
  const [range, setRange] = useState<UsRange>();
  const isAll = isWhole(shown);
  const whole = useWholeSource(grant, total, isAll);
  const found = useFoundSource(grant, filterOf(shown), !isAll);
  const source = isAll ? whole : found;
  const player = usePlayer({ source, selected, select, isLive });
  const goTo = useRef<HTMLInputElement>(null);
  const selectedUs = useTimeOf(grant, selected);

  useEffect(() => {
    if (follows && total > 0) select(total);
  }, [follows, total, select]);
  const leave = () => {
    setFollows(false);
    player.stop();
  };
  const acts = {
    select: (seq: number) => {
      leave();
      select(seq);
    },
    toStatement: (way: 'next' | 'previous') => {
      leave();
      place.toStatement(way);
    },
    toMark: (...mark: Parameters<typeof place.toMark>) => {
      leave();
      place.toMark(...mark);
    },
    togglePlay: () => {
      setFollows(false);
      player.toggle();
    },
  };
  const choosePart = (part: UsRange) => {
    setRange(part);
    void Promise.all([place.entryAt(part.fromUs), place.entryAt(part.toUs)]).then(
      ([from, to]) => setShown((before) => ({ ...before, from, before: to + 1 })),
      () => setRange(undefined),
    );
  };
  useReplayKeys({ ...acts, player, last: total, find: () => goTo.current?.focus(), verify: onVerify });

  return (
    <section className="replay">
      <LacksNote lacks={marks.lacks} />
      {isLive && live.stream.state === 'gone' && live.stream.since !== undefined ? (
        <Note tone="hold" role="status">
          {texts.replay.streamGone(clockText(live.stream.since))}
        </Note>
      ) : null}
      <Counters marks={marks} onJump={(kind) => acts.toMark('next', kind)} />
      <TimeBar
        marks={marks}
        selected={selected}
        selectedUs={selectedUs}
        range={range}
        onSeek={(us) => {
          leave();
          place.seek(us);
        }}
        onRange={choosePart}
      />
      <Thinned marks={marks} />
      <div className="replay-bar">
        <Controls
          player={{ ...player, toggle: acts.togglePlay }}
          isLive={isLive}
          follows={follows}
          onFollow={() => setFollows(!follows)}
          below={total - selected}
        />
        <Filters
          marks={marks}
          shown={shown}
          onShow={setShown}
          range={range}
          onWholeTime={() => {
            setRange(undefined);
            setShown(({ from: _from, before: _before, ...rest }) => rest);
          }}
          goTo={goTo}
          last={total}
          onGo={acts.select}
        />
      </div>
      <div className="replay-body">
        <EntryList
          source={source}
          selected={selected}
          onSelect={acts.select}
          onMoved={(isAtEnd) => void (isAtEnd || setFollows(false))}
        />
        {selected < 1 || total === 0 ? (
          <p className="soft">{texts.replay.empty}</p>
        ) : (
          <EntryDetail grant={grant} seq={selected} of={total} />
        )}
      </div>
    </section>
  );
}

function Thinned({ marks: { thinned } }: { readonly marks: RecordingMarks }) {
  return thinned
    .toSorted((a, b) => MARK_KINDS.indexOf(a.kind) - MARK_KINDS.indexOf(b.kind))
    .map(({ kind, of, every }) => (
      <p key={kind} className="soft replay-thinned">
        {texts.replay.thinned(texts.replay.kinds[kind], of, every)}
      </p>
    ));
}

/** When the chosen entry was made; while that is read, when the one before it was. */
function useTimeOf(grant: string, seq: number): number {
  const { data } = useQuery({ ...pageQuery(grant, Math.floor((seq - 1) / PAGE_ENTRIES)), enabled: seq >= 1 });
  const us = data?.[(seq - 1) % PAGE_ENTRIES]?.monoUs;
  const [known, setKnown] = useState(0);
  if (us !== undefined && us !== known) setKnown(us);
  return us ?? known;
}
