import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { EntryEvent, RecordingStateEvent } from '../../contracts/recordings/recording.js';
import { useEventStream, type StreamState } from '../api/events.js';
import { takeAnswer } from '../api/take-answer.js';
import { entryLine, type EntryLine } from './entries/entry-line.js';
import { PAGE_ENTRIES, foundKey, marksQuery, pageQuery, recordingQuery } from './replay-calls.js';

/** The index of marks, and what a filter finds, are read again so long after a new entry, once for all that come meanwhile. */
const MARKS_MS = 1_500;
const EVENTS = ['entry', 'state', 'sealed'] as const;

export interface LiveNews {
  /** The newest entry that was heard of; 0 when none was. */
  readonly newest: number;
  readonly stream: StreamState;
}

/** Follows a recording that goes on: its new entries join the pages that are here already. `from`: the entry known last. */
export function useLive(grant: string, from: number, isOn: boolean): LiveNews {
  const client = useQueryClient();
  const [newest, setNewest] = useState(0);
  const [address] = useState(`/v1/recordings/${grant}/events?after=${from}`);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const readMarksSoon = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: marksQuery(grant).queryKey });
      void client.invalidateQueries({ queryKey: foundKey(grant) });
    }, MARKS_MS);
  };
  const stream = useEventStream(address, {
    isOn,
    events: EVENTS,
    last: 'sealed',
    resumeBy: 'after',
    onEvent: (name, data) => {
      if (name === 'entry' && isEntryEvent(data)) {
        const line = entryLine(data.entry, data.told);
        client.setQueryData(
          pageQuery(grant, Math.floor((line.seq - 1) / PAGE_ENTRIES)).queryKey,
          (lines: readonly EntryLine[] | undefined) => joined(lines, line),
        );
        if (line.operation !== null)
          void client.invalidateQueries({ queryKey: ['recording', grant, 'statement', line.operation] });
        setNewest((before) => Math.max(before, line.seq));
        readMarksSoon();
      } else if (isStateEvent(data)) {
        takeAnswer(client, recordingQuery(grant).queryKey, data.recording);
        void client.invalidateQueries({ queryKey: ['grant', grant] });
        if (name === 'sealed') readMarksSoon();
      }
    },
  });
  return { newest, stream };
}

/** A page with its next entry. One that is not here, or lacks entries before it, is read when it is looked at. */
function joined(lines: readonly EntryLine[] | undefined, line: EntryLine): readonly EntryLine[] | undefined {
  if (lines === undefined) return (line.seq - 1) % PAGE_ENTRIES === 0 ? [line] : undefined;
  const place = (line.seq - 1) % PAGE_ENTRIES;
  return place === lines.length ? [...lines, line] : lines;
}

function isEntryEvent(data: unknown): data is EntryEvent {
  return typeof data === 'object' && data !== null && 'entry' in data && 'told' in data;
}

function isStateEvent(data: unknown): data is RecordingStateEvent {
  return typeof data === 'object' && data !== null && 'recording' in data && 'grantState' in data;
}
