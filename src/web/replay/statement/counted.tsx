import '../../approval/effect/effect.css';
import { useQuery } from '@tanstack/react-query';
import type { RecordedStatementView } from '../../../contracts/recordings/recorded-statement.js';
import { approvalQuery } from '../../approval/approval-query.js';
import { SamplePart } from '../../approval/effect/sample-part.js';
import { sqlPreviewOf, type ReadyPreview } from '../../approval/statement/sql-view.js';
import { Note } from '../../parts/said/note.js';
import { Shown } from '../../parts/said/shown.js';
import { Time } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';

const { detail } = texts.replay;

export interface CountedProps {
  readonly approval: string;
  readonly result: NonNullable<RecordedStatementView['result']>;
}

/**
 * What those who decided saw beforehand, beside what came: the rows that were counted, and some of them as they were. It is
 * no evidence: that is the recording. Nothing for those to whom the broker shows no rows, and where nothing was counted.
 */
export function Counted({ approval, result }: CountedProps) {
  const { data } = useQuery({ ...approvalQuery(approval), staleTime: 60_000, refetchInterval: false });
  if (data?.preview.state !== 'ready') return null;
  const sql = sqlPreviewOf(data.preview);
  return (
    <section className="effect" aria-label={detail.beforehand}>
      <h3>{detail.beforehand}</h3>
      <dl className="facts">
        <dt>{detail.countedBefore}</dt>
        <dd>
          <Beforehand preview={data.preview} />
        </dd>
        <dt>{detail.came}</dt>
        <dd>
          <Came result={result} />
        </dd>
      </dl>
      <Match preview={data.preview} changed={result.told?.changed ?? null} />
      {sql === undefined ? null : <SamplePart preview={sql} />}
    </section>
  );
}

function Beforehand({ preview: { affected, takenAt } }: { readonly preview: ReadyPreview }) {
  return (
    <>
      {affected.kind === 'exact' ? texts.approval.affectedExact(affected.rows) : <Shown text={affected.why} />}{' '}
      <span className="soft">
        (<Time at={takenAt} />)
      </span>
    </>
  );
}

function Came({ result: { outcome, told } }: Pick<CountedProps, 'result'>) {
  const changed = told?.changed ?? null;
  if (changed === null) return texts.replay.outcomes[outcome] ?? outcome;
  return detail.changedRows(changed);
}

interface MatchProps {
  readonly preview: ReadyPreview;
  /** Rows that the target said it changed; null where it said nothing of it. */
  readonly changed: number | null;
}

function Match({ preview: { affected }, changed }: MatchProps) {
  if (changed === null || affected.kind !== 'exact') return null;
  const words = detail.counted(affected.rows, changed);
  return affected.rows === changed ? <p>✔ {words}</p> : <Note tone="hold">{detail.countsDiffer(words)}</Note>;
}
