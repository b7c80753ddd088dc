import '../../parts/facts.css';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { RecordedStatementView } from '../../../contracts/recordings/recorded-statement.js';
import { Badge } from '../../parts/said/badge.js';
import { CopyButton } from '../../parts/form/copy-button.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { Loading } from '../../parts/said/loading.js';
import { Note } from '../../parts/said/note.js';
import { Shown } from '../../parts/said/shown.js';
import { Table } from '../../parts/list/table.js';
import { Time } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';
import { Counted } from './counted.js';
import { statementQuery } from '../replay-calls.js';
import { ResultView } from './result-view.js';
import { tookText } from '../timeline/times.js';

const { detail } = texts.replay;

/** A statement with all that the recording says of it: what was sent, judged, decided, given and answered. */
export function StatementDetail({ grant, operation }: { readonly grant: string; readonly operation: number }) {
  const { data, error, refetch } = useQuery(statementQuery(grant, operation));
  if (error !== null && data === undefined) return <FailureNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  return (
    <>
      <StatementText statement={data} />
      <Values statement={data} />
      <Judged statement={data} />
      <Asked statement={data} />
      <Outcome statement={data} />
      {data.approval?.decided?.outcome !== 'approved' || data.result === null ? null : (
        <Counted approval={data.approval.id} result={data.result} />
      )}
      <ResultView grant={grant} statement={data} />
      <Chain statement={data} />
    </>
  );
}

interface Part {
  readonly statement: RecordedStatementView;
}

function StatementText({ statement: { text, database, told } }: Part) {
  return (
    <section>
      <div className="detail-line">
        <h3>{detail.statement}</h3>
        {text === null ? null : <CopyButton text={text} />}
      </div>
      {text === null ? (
        <p>{detail.noText}</p>
      ) : (
        // It scrolls, so keys must reach it.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre className="detail-text" tabIndex={0} aria-label={detail.statement}>
          <Shown text={text} lines />
        </pre>
      )}
      <p className="soft">
        {told === null ? null : <Shown text={told.title} />} {detail.database}:{' '}
        {database === null ? detail.noDatabase : <Shown text={database} />}
      </p>
    </section>
  );
}

function Values({ statement: { values, rowsOfValues } }: Part) {
  if (values.length === 0) return null;
  return (
    <section>
      <h3>{detail.values}</h3>
      <Table caption={detail.values} head={[detail.valueType, detail.value]}>
        {values.map(({ type, form, value }, place) => (
          // Their order is all that tells them apart.
          // oxlint-disable-next-line react/no-array-index-key
          <tr key={place}>
            <td>{type}</td>
            <td className="mono">{value === null ? <em>{form}</em> : <Shown text={value} lines />}</td>
          </tr>
        ))}
      </Table>
      {rowsOfValues === null ? null : <p className="soft">{detail.moreRows(rowsOfValues)}</p>}
    </section>
  );
}

function Judged({ statement: { verdict, policies, why, shape } }: Part) {
  return (
    <dl className="facts">
      <dt>{detail.verdict}</dt>
      <dd>
        <Badge tone={verdict}>{texts.replay.verdicts[verdict]}</Badge>
      </dd>
      <dt>{detail.policies}</dt>
      <dd>{policies.length === 0 ? detail.noPolicies : <Shown text={policies.join(', ')} />}</dd>
      {why === null ? null : (
        <>
          <dt>{detail.why}</dt>
          <dd>
            <Shown text={why} />
          </dd>
        </>
      )}
      {shape === null ? null : (
        <>
          <dt>{detail.shape}</dt>
          <dd className="mono">
            <Shown text={shape} />
          </dd>
        </>
      )}
    </dl>
  );
}

function Asked({ statement: { approval, forwarded } }: Part) {
  if (approval === null && forwarded === null) return null;
  return (
    <section>
      <h3>{detail.asked}</h3>
      <dl className="facts">
        {approval === null ? null : (
          <>
            <dt>{detail.asked}</dt>
            <dd>
              {detail.quorum(approval.quorum, approval.approvers)}{' '}
              <Link to="/approvals/$id" params={{ id: approval.id }}>
                {detail.openApproval}
              </Link>
              {approval.again ? <p className="soft">{detail.again}</p> : null}
            </dd>
            <dt>{detail.decided}</dt>
            <dd>
              <Decided approval={approval} />
            </dd>
          </>
        )}
        {forwarded === null ? null : (
          <>
            <dt>{detail.given}</dt>
            <dd>
              {forwarded.given.length === 0 ? (
                detail.nothingGiven
              ) : (
                <ul className="plain-list mono">
                  {forwarded.given.map((given) => (
                    <li key={given}>
                      <Shown text={given} />
                    </li>
                  ))}
                </ul>
              )}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Decided({ approval: { decided } }: { readonly approval: NonNullable<RecordedStatementView['approval']> }) {
  if (decided === null) return detail.noResult.waits;
  return (
    <>
      {texts.tasks.outcomes[decided.outcome] ?? decided.outcome}
      {decided.scope === null ? null : (
        <>
          {': '}
          <Shown text={decided.scope} />
        </>
      )}
      <ul className="plain-list">
        {decided.decisions.map(({ by, decision, reason, at }) => (
          <li key={`${by} ${at}`}>
            <Shown text={by} /> {detail.decisions[decision]} <Time at={at} />
            {reason === null ? null : (
              <>
                {': '}
                <Shown text={reason} />
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function Outcome({ statement: { result, noResult } }: Part) {
  if (result === null) return noResult === null ? null : <Note tone="hold">{detail.noResult[noResult]}</Note>;
  const { outcome, durationUs, told, error, response } = result;
  return (
    <section>
      <h3>{detail.outcome}</h3>
      {error === null ? null : (
        <Note tone="deny">
          <strong>{detail.error(error.code, error.state)}</strong> <Shown text={error.message} lines />
        </Note>
      )}
      {outcome === 'unknown' ? <Note tone="hold">{detail.noResult['not-recorded']}</Note> : null}
      <dl className="facts">
        <dt>{detail.outcome}</dt>
        <dd>
          {told === null || told.cameTo === null ? texts.replay.outcomes[outcome] : <Shown text={told.cameTo} />} ·{' '}
          {tookText(durationUs)}
        </dd>
        {response === null ? null : (
          <>
            <dt>{detail.response}</dt>
            <dd>
              {response.kept < response.bytes ? <Badge tone="hold">{texts.replay.cut}</Badge> : null}{' '}
              {detail.kept(response.kept, response.bytes)}
            </dd>
            <dt>{detail.digest}</dt>
            <dd className="mono digest">{response.sha256}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Chain({ statement: { chain } }: Part) {
  return (
    <section>
      <h3>{detail.chain}</h3>
      {chain.before === null ? (
        <p>{detail.chainFirst}</p>
      ) : chain.holds ? (
        <p>✔ {detail.chainHolds}</p>
      ) : (
        <Note tone="deny">{detail.chainBroken}</Note>
      )}
      <dl className="facts">
        <dt>{detail.ownDigest}</dt>
        <dd className="mono digest">{chain.digest}</dd>
      </dl>
    </section>
  );
}
