import { useMemo } from 'react';
import type { StatisticsView } from '../../contracts/broker/statistics.js';
import { Plot } from '../parts/plot/plot.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { ListLink } from './list-link.js';
import { tasksByDay } from './overview-series.js';
import { PlotSection } from './plot-section.js';

const words = texts.overview.tasks;

export function TasksPlot({ view }: { readonly view: StatisticsView }) {
  const { xs, series } = useMemo(() => tasksByDay(view, words.reasons), [view]);
  const tasks = view.tasks.reduce((sum, point) => sum + point.tasks, 0);
  return (
    <PlotSection
      title={words.title}
      about={words.about}
      isEmpty={tasks === 0}
      plot={<Plot kind="stacked bars" summary={words.summary(tasks)} xs={xs} series={series} />}
      table={
        <Table caption={words.title} head={[words.columns.day, words.columns.reason, words.columns.tasks]}>
          {view.tasks.map((point) => (
            <tr key={JSON.stringify([point.day, point.reason])}>
              <td>{point.day}</td>
              <td>{words.reasons[point.reason]}</td>
              <td>{numberText(point.tasks)}</td>
            </tr>
          ))}
        </Table>
      }
      links={
        <ListLink to="/tasks" permission="grant.read">
          {words.list}
        </ListLink>
      }
    />
  );
}
