import { useEffect, useRef, useState } from 'react';
import type { ALIVE_EVENT } from '../../contracts/live-stream.js';

const FIRST_WAIT_MS = 500;
const WAIT_MS_MAX = 15_000;
/** The api says every 15 seconds that it is there. A connection that is silent so much longer is dead, whatever the browser says. */
const SILENT_MS_MAX = 45_000;
const ALIVE = 'alive' satisfies typeof ALIVE_EVENT;

export interface StreamState {
  /** `ended`: the server said that nothing more comes. */
  readonly state: 'connecting' | 'open' | 'gone' | 'ended';
  /** Since when it is not open, in milliseconds of `Date.now()`; undefined while it is. */
  readonly since: number | undefined;
}

export interface StreamOptions {
  readonly events: readonly string[];
  readonly onEvent: (name: string, data: unknown, id: string) => void;
  /** The event after which the server has nothing more to say. */
  readonly last?: string;
  readonly isOn?: boolean;
  /** The query field by which the server goes on after the event that came last. */
  readonly resumeBy?: string;
}

/** Follows an event stream of the API for as long as the part is shown. It connects again by itself, with longer and longer waits. */
export function useEventStream(address: string, options: StreamOptions): StreamState {
  const { isOn = true, last, events, resumeBy } = options;
  const [state, setState] = useState<StreamState>(() => ({ state: 'connecting', since: Date.now() }));
  const latest = useRef(options.onEvent);
  useEffect(() => void (latest.current = options.onEvent));
  const names = events.join(' ');
  useEffect(() => {
    if (!isOn) return undefined;
    return follow({
      address,
      names: names.split(' '),
      last,
      resumeBy,
      tell: setState,
      hear: (...event) => latest.current(...event),
    });
  }, [address, isOn, last, names, resumeBy]);
  return state;
}

interface Following {
  readonly address: string;
  readonly names: readonly string[];
  readonly last: string | undefined;
  readonly resumeBy: string | undefined;
  readonly tell: (state: StreamState) => void;
  readonly hear: (name: string, data: unknown, id: string) => void;
}

function follow({ address, names, last, resumeBy, tell, hear }: Following): () => void {
  let waitMs = FIRST_WAIT_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource | undefined;
  let lastId = '';
  let goneSince = Date.now();
  const stop = () => {
    clearTimeout(timer);
    clearTimeout(silence);
    source?.close();
  };
  const lost = () => {
    stop();
    if (waitMs === FIRST_WAIT_MS) goneSince = Date.now();
    tell({ state: 'gone', since: goneSince });
    timer = setTimeout(connect, waitMs);
    waitMs = Math.min(waitMs * 2, WAIT_MS_MAX);
  };
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(lost, SILENT_MS_MAX);
  };
  const connect = () => {
    source = new EventSource(resumed(address, resumeBy, lastId));
    heard();
    source.addEventListener('open', () => {
      heard();
      waitMs = FIRST_WAIT_MS;
      tell({ state: 'open', since: undefined });
    });
    source.addEventListener('error', lost);
    source.addEventListener(ALIVE, heard);
    for (const name of names) {
      source.addEventListener(name, (event) => {
        heard();
        if (event.lastEventId !== '') lastId = event.lastEventId;
        hear(name, parsed(event.data), event.lastEventId);
        if (name !== last) return;
        stop();
        tell({ state: 'ended', since: Date.now() });
      });
    }
  };
  connect();
  return stop;
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}

/** A new EventSource does not say by itself where the one before it was. */
function resumed(address: string, field: string | undefined, lastId: string): string {
  if (field === undefined || lastId === '') return address;
  const url = new URL(address, location.origin);
  url.searchParams.set(field, lastId);
  return `${url.pathname}${url.search}`;
}
