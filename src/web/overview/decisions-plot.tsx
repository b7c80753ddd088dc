import { useMemo, useState } from 'react';
import type { StatisticsView } from '../../contracts/broker/statistics.js';
import { Field } from '../parts/form/field.js';
import { Plot } from '../parts/plot/plot.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { texts } from '../texts/en.js';
import { numberText, spanText } from '../texts/format.js';
import { ListLink } from './list-link.js';
import { waitsByDay } from './overview-series.js';
import { PlotSection } from './plot-section.js';

const words = texts.overview.decisions;

/** Seconds: what people count waiting by. */
const SPANS = [1, 10, 60, 600, 3_600, 36_000, 86_400, 864_000];

export function DecisionsPlot({ view }: { readonly view: StatisticsView }) {
  const groups = [...new Set(view.decisions.map(({ group }) => group))];
  const [chosen, setChosen] = useState<number>(0);
  const group = groups[Math.min(chosen, groups.length - 1)] ?? null;
  const { xs, series } = useMemo(() => waitsByDay(view, group, words), [view, group]);
  const sum = (of: 'asked' | 'decided' | 'timedOut'): number =>
    view.decisions.filter((point) => point.group === group).reduce((total, point) => total + point[of], 0);
  return (
    <PlotSection
      title={words.title}
      about={words.about}
      isEmpty={view.decisions.length === 0}
      choice={
        groups.length < 2 ? null : (
          <Field label={words.group}>
            {(control) => (
              <select {...control} value={chosen} onChange={({ target }) => setChosen(Number(target.value))}>
                {groups.map((name, at) => (
                  <option key={name ?? ''} value={at}>
                    {name ?? words.anyApprover}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )
      }
      plot={
        <Plot
          kind="lines"
          scale="powers of ten"
          ySplits={SPANS}
          yText={(seconds) => spanText(seconds * 1_000)}
          summary={words.summary(sum('asked'), sum('decided'), sum('timedOut'))}
          xs={xs}
          series={series}
        />
      }
      table={<DecisionsTable view={view} />}
      links={
        <ListLink to="/inbox" permission="approval.read">
          {words.list}
        </ListLink>
      }
    />
  );
}

function DecisionsTable({ view }: { readonly view: StatisticsView }) {
  const { day, group, asked, decided, p50, p90, timedOut } = words.columns;
  return (
    <Table caption={words.title} head={[day, group, asked, decided, p50, p90, timedOut]}>
      {view.decisions.map((point) => (
        <tr key={JSON.stringify([point.day, point.group])}>
          <td>{point.day}</td>
          <td>{point.group === null ? words.anyApprover : <Shown text={point.group} />}</td>
          <td>{numberText(point.asked)}</td>
          <td>{numberText(point.decided)}</td>
          <td>{point.p50Ms === null ? texts.common.none : spanText(point.p50Ms)}</td>
          <td>{point.p90Ms === null ? texts.common.none : spanText(point.p90Ms)}</td>
          <td>{numberText(point.timedOut)}</td>
        </tr>
      ))}
    </Table>
  );
}
