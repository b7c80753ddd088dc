import { useMemo } from 'react';
import type { StatisticsView } from '../../contracts/broker/statistics.js';
import { Plot } from '../parts/plot/plot.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { ListLink } from './list-link.js';
import { PlotSection } from './plot-section.js';

const words = texts.overview.open;

export function OpenPlot({ view }: { readonly view: StatisticsView }) {
  const bars = useMemo(
    () => ({
      xs: view.open.map((_, at) => at),
      names: words.bars,
      series: [{ label: words.questions, tone: 4 as const, values: view.open.map(({ questions }) => questions) }],
    }),
    [view],
  );
  const questions = view.open.reduce((sum, point) => sum + point.questions, 0);
  return (
    <PlotSection
      title={words.title}
      about={words.about}
      isEmpty={questions === 0}
      plot={<Plot kind="stacked bars" summary={words.summary(questions)} {...bars} />}
      table={
        <Table caption={words.title} head={[words.columns.age, words.columns.questions]}>
          {view.open.map((point) => (
            <tr key={point.fromSeconds}>
              <td>{ageText(point)}</td>
              <td>{numberText(point.questions)}</td>
            </tr>
          ))}
        </Table>
      }
      links={
        <ListLink to="/inbox" permission="approval.read">
          {words.list}
        </ListLink>
      }
    />
  );
}

function ageText({ fromSeconds, toSeconds }: StatisticsView['open'][number]): string {
  if (toSeconds === null) return words.over(fromSeconds);
  return fromSeconds === 0 ? words.under(toSeconds) : words.between(fromSeconds, toSeconds);
}
