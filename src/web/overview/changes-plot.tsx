import { useMemo } from 'react';
import type { StatisticsView } from '../../contracts/broker/statistics.js';
import { Plot } from '../parts/plot/plot.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { SearchLink } from './list-link.js';
import { changesByDay } from './overview-series.js';
import { PlotSection } from './plot-section.js';

const words = texts.overview.changes;

export function ChangesPlot({ view }: { readonly view: StatisticsView }) {
  const plotted = useMemo(() => changesByDay(view, words.others), [view]);
  const sum = (of: 'rows' | 'approvedFailed'): number => view.changes.reduce((total, point) => total + point[of], 0);
  const verbs = plotted.series.map(({ label }) => label).filter((label) => label !== words.others);
  const { columns } = words;
  return (
    <PlotSection
      title={words.title}
      about={words.about}
      isEmpty={view.changes.length === 0}
      plot={
        <Plot
          kind="lines"
          scale="powers of ten"
          summary={words.summary(sum('rows'), sum('approvedFailed'))}
          {...plotted}
        />
      }
      table={
        <Table caption={words.title} head={[columns.day, columns.target, columns.verb, columns.rows, columns.failed]}>
          {view.changes.map((point) => (
            <tr key={JSON.stringify([point.day, point.target, point.verb])}>
              <td>{point.day}</td>
              <td>
                <Shown text={point.target} />
              </td>
              <td>
                <Shown text={point.verb} />
              </td>
              <td>{numberText(point.rows)}</td>
              <td>{numberText(point.approvedFailed)}</td>
            </tr>
          ))}
        </Table>
      }
      links={
        <>
          {verbs.map((verb) => (
            <SearchLink key={verb} facets={{ from: view.from, target: view.target, kind: verb }}>
              {words.list(verb)}
            </SearchLink>
          ))}
        </>
      }
    />
  );
}
