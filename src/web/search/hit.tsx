import { Link } from '@tanstack/react-router';
import type { StatementView } from '../../contracts/recordings/statement.js';
import { Badge } from '../parts/said/badge.js';
import { Shown } from '../parts/said/shown.js';
import { spanText, timeText, utcText } from '../texts/format.js';
import { texts } from '../texts/en.js';
import { MatchedText } from './matched-text.js';

const { search: words } = texts;

/** A statement that was found. It leads to its entry in the recording. */
export function Hit({ item }: { readonly item: StatementView }) {
  const { grant, seq, kind, tables, verdict, excerpt, excerptCut, match, values, isTextCut, live } = item;
  return (
    <li className="hit">
      <div className="hit-head">
        <Link to="/recordings/$grant" params={{ grant }} hash={`e=${seq}`} className="hit-link">
          <Shown text={[kind.toUpperCase(), tables.join(', ')].join(' ').trim()} />
        </Link>
        <Badge tone={verdict}>{words.verdicts[verdict]}</Badge>
        <HitDecision item={item} />
        {live ? <Badge tone="act">{words.live}</Badge> : null}
      </div>
      <p className="hit-text mono">
        <MatchedText text={excerpt} match={match} cut={excerptCut} />
      </p>
      {values === null ? null : (
        <p className="hit-text mono">
          <span className="soft">{words.values}</span> <MatchedText text={values.text} match={values.match} />
        </p>
      )}
      <p className="hit-facts">
        <HitFacts item={item} />
        {isTextCut ? <span>{words.textCut}</span> : null}
      </p>
    </li>
  );
}

/** What people said, where they were asked. */
function HitDecision({ item: { decision, decidedBy } }: { readonly item: StatementView }) {
  if (decision === null) return null;
  return (
    <span>
      {words.decisions[decision]}
      {decidedBy.length === 0 ? null : (
        <>
          {' '}
          <Shown text={words.by(decidedBy.join(', '))} />
        </>
      )}
    </span>
  );
}

function HitFacts({ item }: { readonly item: StatementView }) {
  const { at, principal, target, task, rows, changed, durationUs, error } = item;
  return (
    <>
      <time dateTime={at}>
        {timeText(at)} <span className="soft">({utcText(at)})</span>
      </time>
      <span>
        <Shown text={principal} /> → <Shown text={target} />
      </span>
      <span>
        <Shown text={task.title} />
      </span>
      {rows === null ? null : <span>{words.rowsRead(rows)}</span>}
      {changed === null ? null : <span>{words.rowsChanged(changed)}</span>}
      {error === null ? null : (
        <Badge tone="deny">
          <Shown text={words.failed(error.code)} />
        </Badge>
      )}
      <span>{durationUs === null ? words.unanswered : spanText(durationUs / 1_000)}</span>
    </>
  );
}
