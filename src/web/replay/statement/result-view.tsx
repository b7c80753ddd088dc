import './result-view.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type {
  RecordedResultView,
  RecordedStatementView,
  ResultCell,
} from '../../../contracts/recordings/recorded-statement.js';
import { Button } from '../../parts/form/button.js';
import { FailureNote } from '../../parts/said/failure-note.js';
import { Loading } from '../../parts/said/loading.js';
import { Note } from '../../parts/said/note.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';
import { resultQuery } from '../replay-calls.js';

const words = texts.replay.result;

/** What a statement was answered with, read from the bytes that were kept. */
export function ResultView({
  grant,
  statement,
}: {
  readonly grant: string;
  readonly statement: RecordedStatementView;
}) {
  const { operation, result, fetches } = statement;
  const [entry, setEntry] = useState<number>();
  if (result === null) return null;
  return (
    <section>
      <h3>{words.title}</h3>
      <Result key={`${operation} ${entry ?? ''}`} grant={grant} operation={operation} entry={entry} />
      {fetches.length === 0 ? null : (
        <p>
          {texts.replay.detail.fetches}:{' '}
          {fetches.map(({ seq, rows }) => (
            <Button key={seq} look="quiet" aria-pressed={entry === seq} onClick={() => setEntry(seq)}>
              {texts.replay.detail.fetched(rows)}
            </Button>
          ))}
        </p>
      )}
    </section>
  );
}

interface ResultProps {
  readonly grant: string;
  readonly operation: number;
  readonly entry: number | undefined;
}

function Result({ grant, operation, entry }: ResultProps) {
  const [place, setPlace] = useState({ result: 1, page: 1 });
  const { data, error, refetch } = useQuery(
    resultQuery({ grant, operation, ...place, ...(entry === undefined ? {} : { entry }) }),
  );
  if (data === undefined) {
    return error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />;
  }
  const head = data.results[data.result - 1];
  return (
    <>
      {data.unreadable === null ? null : <Note>{words.unreadable[data.unreadable]}</Note>}
      {data.results.length < 2 ? null : (
        <div className="result-which">
          {data.results.map((_, index) => (
            <Button
              // Results have no other name than their number.
              // oxlint-disable-next-line react/no-array-index-key
              key={index}
              aria-pressed={data.result === index + 1}
              onClick={() => setPlace({ result: index + 1, page: 1 })}
            >
              {words.which(index + 1, data.results.length)}
            </Button>
          ))}
        </div>
      )}
      {head?.kind === 'done' ? (
        <p>
          {words.changed(head.changed)}
          {head.insertId === null ? null : `. ${words.insertId(head.insertId)}`}
          {head.info === '' ? null : (
            <>
              {'. '}
              <Shown text={head.info} />
            </>
          )}
        </p>
      ) : null}
      {head?.kind === 'rows' ? <Rows head={head} data={data} onPage={(page) => setPlace({ ...place, page })} /> : null}
      {data.whole || data.unreadable !== null ? null : <Note tone="hold">{words.notWhole}</Note>}
    </>
  );
}

type RowsHead = Extract<RecordedResultView['results'][number], { kind: 'rows' }>;

interface RowsProps {
  readonly head: RowsHead;
  readonly data: RecordedResultView;
  readonly onPage: (page: number) => void;
}

/** No sorting: the order is evidence. */
function Rows({ head, data: { rows, page, pages }, onPage }: RowsProps) {
  return (
    <>
      <p className="soft">
        {head.rows === 0 ? words.noRows : words.rows(head.rows)} · {words.order}
      </p>
      {/* A box that scrolls must be reachable by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section className="result-box" tabIndex={0} aria-label={words.title}>
        <table className="result-table">
          <caption className="hidden-visually">{words.title}</caption>
          <thead>
            <tr>
              {head.columns.map(({ name, type, numeric, table }, place) => (
                // Two columns of a result may have one name.
                // oxlint-disable-next-line react/no-array-index-key
                <th key={place} scope="col" className={numeric ? 'number' : undefined} title={table ?? undefined}>
                  <span className="result-column">
                    <Shown text={name} />
                    <span className="result-type">{type}</span>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells, row) => (
              // Rows have no other name than their place.
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={row}>
                {cells.map((cell, place) => (
                  // oxlint-disable-next-line react/no-array-index-key
                  <td key={place} className={head.columns[place]?.numeric === true ? 'number' : undefined}>
                    <Cell cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {head.complete ? null : <Note tone="hold">{words.incomplete}</Note>}
      {pages < 2 ? null : (
        <div className="result-pages">
          <Button disabled={page <= 1} onClick={() => onPage(page - 1)}>
            {words.previous}
          </Button>
          <span>{words.pages(page, pages)}</span>
          <Button disabled={page >= pages} onClick={() => onPage(page + 1)}>
            {words.next}
          </Button>
        </div>
      )}
    </>
  );
}

/** NULL, an empty text and bytes are told apart. */
function Cell({ cell }: { readonly cell: ResultCell }) {
  if (cell === null) return <em className="result-sign">{words.null}</em>;
  if (typeof cell === 'string') {
    return cell === '' ? <em className="result-sign">{words.empty}</em> : <Shown text={cell} lines />;
  }
  if ('text' in cell) {
    return (
      <>
        <Shown text={cell.text} lines /> <em className="result-sign">{words.cutText(cell.bytes)}</em>
      </>
    );
  }
  return (
    <>
      <code className="result-hex">{words.hex(cell.hex)}</code>{' '}
      <em className="result-sign">{words.bytes(cell.bytes)}</em>
    </>
  );
}
