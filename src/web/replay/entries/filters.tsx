import '../../parts/form/field.css';
import { useId, useState, type FormEvent, type RefObject } from 'react';
import { X } from 'lucide-react';
import type { RecordingMarks } from '../../../contracts/recordings/recording-marks.js';
import { Button } from '../../parts/form/button.js';
import { texts } from '../../texts/en.js';
import type { EntryFilter } from './entry-source.js';
import type { UsRange } from '../timeline/time-bar-scale.js';
import { offsetText } from '../timeline/times.js';

export type EntryKinds = keyof typeof texts.replay.filters;

/** What of a recording the list has. */
export interface EntryPart {
  readonly kinds: EntryKinds;
  readonly session?: number;
  readonly from?: number;
  readonly before?: number;
}

export const WHOLE: EntryPart = { kinds: 'all' };

export function isWhole({ kinds, session, from, before }: EntryPart): boolean {
  return kinds === 'all' && session === undefined && from === undefined && before === undefined;
}

const KINDS: Readonly<Record<EntryKinds, EntryFilter>> = {
  all: {},
  statements: { types: 'operation' },
  held: { types: 'operation', verdict: 'hold' },
  denied: { types: 'operation', verdict: 'deny' },
  answers: { types: 'result' },
  sessions: { types: 'session.opened,session.refused,session.closed' },
  questions: { types: 'approval.asked,approval.decided,forwarded' },
};

export function filterOf({ kinds, ...bounds }: EntryPart): EntryFilter {
  return { ...KINDS[kinds], ...bounds };
}

export interface FiltersProps {
  readonly marks: RecordingMarks;
  readonly shown: EntryPart;
  readonly onShow: (shown: EntryPart) => void;
  readonly range: UsRange | undefined;
  readonly onWholeTime: () => void;
  readonly goTo: RefObject<HTMLInputElement | null>;
  readonly last: number;
  readonly onGo: (seq: number) => void;
}

/** What the list shows, and going to an entry by its number. The broker filters: what is not loaded is found too. */
export function Filters({ marks, shown, onShow, range, onWholeTime, goTo, last, onGo }: FiltersProps) {
  const words = texts.replay;
  const sessions = [
    ...new Set(marks.marks.flatMap(({ kind, session }) => (kind === 'session' && session !== null ? [session] : []))),
  ];
  const chooseSession = (value: string) => {
    const { session: _session, ...rest } = shown;
    onShow(value === '' ? rest : { ...rest, session: Number(value) });
  };
  return (
    <div className="replay-filters">
      <select
        className="input"
        aria-label={words.show}
        value={shown.kinds}
        onChange={({ target: { value } }) => onShow({ ...shown, kinds: kindsOf(value) })}
      >
        {Object.entries(words.filters).map(([kinds, name]) => (
          <option key={kinds} value={kinds}>
            {name}
          </option>
        ))}
      </select>
      {sessions.length < 2 ? null : (
        <select
          className="input"
          aria-label={words.filters.sessions}
          value={shown.session ?? ''}
          onChange={({ target: { value } }) => chooseSession(value)}
        >
          <option value="">{words.anySession}</option>
          {sessions.map((session) => (
            <option key={session} value={session}>
              {words.session(session)}
            </option>
          ))}
        </select>
      )}
      {range === undefined ? null : (
        <Button icon={<X aria-hidden />} title={words.wholeTime} onClick={onWholeTime}>
          {words.part(offsetText(range.fromUs), offsetText(range.toUs))}
        </Button>
      )}
      <GoTo goTo={goTo} last={last} onGo={onGo} />
    </div>
  );
}

function GoTo({ goTo, last, onGo }: Pick<FiltersProps, 'goTo' | 'last' | 'onGo'>) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const go = (event: FormEvent) => {
    event.preventDefault();
    const seq = Number(typed);
    if (!Number.isInteger(seq) || seq < 1) return;
    onGo(Math.min(seq, last));
    setTyped('');
    goTo.current?.blur();
  };
  return (
    <form className="replay-go" onSubmit={go}>
      <label htmlFor={id}>{texts.replay.goTo}</label>
      <input
        id={id}
        ref={goTo}
        className="input"
        inputMode="numeric"
        pattern="[0-9]*"
        size={8}
        value={typed}
        onChange={({ target: { value } }) => setTyped(value)}
      />
      <Button type="submit">{texts.replay.go}</Button>
    </form>
  );
}

function kindsOf(value: string): EntryKinds {
  return value in KINDS ? (value as EntryKinds) : 'all';
}
