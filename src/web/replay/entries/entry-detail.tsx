import './entry-detail.css';
import { useQuery } from '@tanstack/react-query';
import { Badge } from '../../parts/said/badge.js';
import { CopyButton } from '../../parts/form/copy-button.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { Loading } from '../../parts/said/loading.js';
import { Shown } from '../../parts/said/shown.js';
import { Time } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';
import { PAGE_ENTRIES, pageQuery } from '../replay-calls.js';
import { StatementDetail } from '../statement/statement-detail.js';
import { offsetText } from '../timeline/times.js';

const { detail } = texts.replay;

export interface EntryDetailProps {
  readonly grant: string;
  readonly seq: number;
  readonly of: number;
}

/** All that the recording says of the chosen entry, and of the statement that it belongs to. */
export function EntryDetail({ grant, seq, of }: EntryDetailProps) {
  const { data, error, refetch } = useQuery(pageQuery(grant, Math.floor((seq - 1) / PAGE_ENTRIES)));
  const line = data?.[(seq - 1) % PAGE_ENTRIES];
  return (
    <section className="detail" aria-label={detail.label}>
      <div className="detail-line">
        <h2>{texts.replay.entryOf(seq, of)}</h2>
        <CopyButton text={addressOf(grant, seq)} label={detail.link} />
      </div>
      {error !== null && line === undefined ? <FailureNote error={error} onRetry={() => void refetch()} /> : null}
      {line === undefined ? (
        error === null ? (
          <Loading />
        ) : null
      ) : (
        <>
          <p>
            <Badge>{texts.replay.types[line.type] ?? line.type}</Badge>{' '}
            {line.session === null ? null : <Badge>{texts.replay.session(line.session)}</Badge>}{' '}
            <span className="mono">{offsetText(line.monoUs)}</span> · <Time at={line.at} />
          </p>
          {line.told === null || line.operation !== null ? null : (
            <p>
              <Shown text={line.told.title} lines />
            </p>
          )}
          {line.operation === null ? null : (
            <StatementDetail key={line.operation} grant={grant} operation={line.operation} />
          )}
          <details className="detail-raw">
            <summary>{detail.raw}</summary>
            {/* It scrolls, so keys must reach it. */}
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
            <pre className="detail-text" tabIndex={0} aria-label={detail.raw}>
              <Shown text={JSON.stringify(line.raw, null, 2)} lines />
            </pre>
          </details>
        </>
      )}
    </section>
  );
}

/** It leads to this entry for ever: entries are chained, so their numbers stay. */
function addressOf(grant: string, seq: number): string {
  return `${location.origin}/recordings/${grant}#e=${seq}`;
}
