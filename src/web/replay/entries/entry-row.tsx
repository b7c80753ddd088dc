import { memo, type ReactNode } from 'react';
import { CircleHelp, CircleX, Hand, OctagonX, PencilLine, Scissors } from 'lucide-react';
import { Shown } from '../../parts/said/shown.js';
import { spanText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';
import { isOperation, type EntryLine } from './entry-line.js';
import { IDLE_US, offsetText, tookText } from '../timeline/times.js';

const SESSION_COLOURS = 6;

export interface EntryRowProps {
  /** Of the list. */
  readonly id: string;
  readonly row: number;
  readonly of: number;
  readonly topPx: number;
  readonly line: EntryLine | undefined;
  readonly before: EntryLine | undefined;
  readonly isSelected: boolean;
}

/** One entry in one line. */
export const EntryRow = memo(function EntryRow({ id, row, of, topPx, line, before, isSelected }: EntryRowProps) {
  const idleUs = line !== undefined && before?.seq === line.seq - 1 ? line.monoUs - before.monoUs : 0;
  return (
    <div
      id={`${id}-${line?.seq ?? `row-${row}`}`}
      className={classOf(line)}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      aria-setsize={of}
      aria-posinset={row + 1}
      data-seq={line?.seq}
      style={{ transform: `translateY(${topPx}px)` }}
    >
      {line === undefined ? (
        <span className="soft">{texts.replay.loadingRow}</span>
      ) : (
        <>
          <span className="entry-time">{offsetText(line.monoUs)}</span>
          <SessionMark session={line.session} />
          <span className="entry-what">
            {idleUs > IDLE_US ? (
              <span className="entry-idle">{texts.replay.idle(spanText(idleUs / 1_000))}</span>
            ) : null}
            <What line={line} />
          </span>
          <Outcome line={line} />
        </>
      )}
    </div>
  );
});

function SessionMark({ session }: { readonly session: number | null }) {
  if (session === null) return <span className="entry-session" />;
  return (
    <span className={`entry-session colour-${session % SESSION_COLOURS}`}>{texts.replay.sessionShort(session)}</span>
  );
}

function What({ line }: { readonly line: EntryLine }) {
  const { told, type } = line;
  const title = told?.title ?? texts.replay.types[type] ?? type;
  if (!isOperation(line)) {
    const answer = type === 'result' ? told?.cameTo : undefined;
    return <Shown text={answer ?? title} className="entry-title" />;
  }
  return (
    <>
      <Shown text={title} className="entry-title" />
      {told === null || told.line === null ? null : <Shown text={told.line} className="entry-text" />}
    </>
  );
}

/** What stands at the end of the line: signs with words, and how long it took. */
function Outcome({ line }: { readonly line: EntryLine }) {
  const { verdicts, outcomes, cut } = texts.replay;
  return (
    <span className="entry-end">
      {line.told?.effect === 'change' && line.verdict !== 'deny' ? (
        <Sign kind="write" icon={<PencilLine aria-hidden />} word={texts.replay.write} />
      ) : null}
      {line.verdict === 'hold' ? <Sign kind="hold" icon={<Hand aria-hidden />} word={verdicts.hold} /> : null}
      {line.verdict === 'deny' ? <Sign kind="deny" icon={<OctagonX aria-hidden />} word={verdicts.deny} /> : null}
      {line.type === 'refused' ? (
        <Sign kind="deny" icon={<OctagonX aria-hidden />} word={texts.replay.refused} />
      ) : null}
      {line.outcome === 'error' ? (
        <Sign kind="error" icon={<CircleX aria-hidden />} word={outcomes['error'] ?? ''} />
      ) : null}
      {line.outcome === 'unknown' ? (
        <Sign kind="error" icon={<CircleHelp aria-hidden />} word={outcomes['unknown'] ?? ''} />
      ) : null}
      {line.isCut ? <Sign kind="cut" icon={<Scissors aria-hidden />} word={cut} /> : null}
      {line.durationUs === null ? null : <span className="entry-took">{tookText(line.durationUs)}</span>}
    </span>
  );
}

function Sign({ kind, icon, word }: { readonly kind: string; readonly icon: ReactNode; readonly word: string }) {
  return (
    <span className={`entry-sign ${kind}`} title={word}>
      {icon}
      <span className="entry-sign-word">{word}</span>
    </span>
  );
}

function classOf(line: EntryLine | undefined): string {
  if (line === undefined) return 'entry';
  const kind = isOperation(line) ? 'operation' : line.type === 'result' ? 'answer' : 'other';
  return `entry ${kind} ${typeof line.told?.noise === 'string' ? 'noise' : ''}`;
}
