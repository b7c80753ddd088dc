import { useMemo } from 'react';
import type { StatisticsView } from '../../contracts/broker/statistics.js';
import { Plot } from '../parts/plot/plot.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { SearchLink } from './list-link.js';
import { verdictsByHour } from './overview-series.js';
import { PlotSection } from './plot-section.js';

const words = texts.overview.statements;
const labels = { allow: texts.overview.allow, hold: texts.overview.hold, deny: texts.overview.deny };

export function StatementsPlot({ view }: { readonly view: StatisticsView }) {
  const { xs, series } = useMemo(() => verdictsByHour(view, labels), [view]);
  const sum = (verdict: 'allow' | 'hold' | 'deny'): number =>
    view.statements.reduce((total, point) => total + point[verdict], 0);
  const summary = words.summary(sum('allow'), sum('hold'), sum('deny'));
  const facets = { from: view.from, target: view.target };
  return (
    <PlotSection
      title={words.title}
      about={words.about}
      isEmpty={view.statements.length === 0}
      plot={<Plot kind="stacked bars" summary={summary} xs={xs} series={series} />}
      table={<StatementsTable view={view} />}
      links={
        <>
          <SearchLink facets={facets}>{words.list}</SearchLink>
          <SearchLink facets={{ ...facets, verdict: 'hold' }}>{words.held}</SearchLink>
          <SearchLink facets={{ ...facets, verdict: 'deny' }}>{words.denied}</SearchLink>
        </>
      }
    />
  );
}

/** By day: a line for each hour of a month would be seven hundred. */
function StatementsTable({ view }: { readonly view: StatisticsView }) {
  const { columns } = words;
  const days = new Map<string, { day: string; target: string; allow: number; hold: number; deny: number }>();
  for (const { at, target, allow, hold, deny } of view.statements) {
    const day = at.slice(0, 10);
    const key = JSON.stringify([day, target]);
    const line = days.get(key) ?? { day, target, allow: 0, hold: 0, deny: 0 };
    days.set(key, { day, target, allow: line.allow + allow, hold: line.hold + hold, deny: line.deny + deny });
  }
  return (
    <Table caption={words.title} head={[columns.day, columns.target, columns.allow, columns.hold, columns.deny]}>
      {[...days].map(([key, line]) => (
        <tr key={key}>
          <td>{line.day}</td>
          <td>
            <Shown text={line.target} />
          </td>
          <td>{numberText(line.allow)}</td>
          <td>{numberText(line.hold)}</td>
          <td>{numberText(line.deny)}</td>
        </tr>
      ))}
    </Table>
  );
}
