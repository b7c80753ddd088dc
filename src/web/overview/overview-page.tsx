import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { StatisticsView } from '../../contracts/broker/statistics.js';
import { call } from '../api/call.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Field } from '../parts/form/field.js';
import { Loading } from '../parts/said/loading.js';
import { Note } from '../parts/said/note.js';
import { PageHead } from '../parts/page-head.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { ChangesPlot } from './changes-plot.js';
import { DecisionsPlot } from './decisions-plot.js';
import { OpenPlot } from './open-plot.js';
import { StatementsPlot } from './statements-plot.js';
import { TasksPlot } from './tasks-plot.js';
import './overview.css';

const words = texts.overview;
const DAY_MS = 86_400_000;
const SPANS = { 1: words.day, 7: words.week, 31: words.month } as const;

export function OverviewPage() {
  return (
    <Gate title={texts.shell.overview} permission="statistics.read" roles={words.roles}>
      <Overview />
    </Gate>
  );
}

function Overview() {
  const [target, setTarget] = useState('');
  const [days, setDays] = useState(7);
  const targets = useTargets();
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['statistics', days, target],
    queryFn: ({ signal }) =>
      call<StatisticsView>('/v1/statistics', { query: { from: firstDay(days), target }, signal }),
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  return (
    <>
      <PageHead title={texts.shell.overview}>
        <Button onClick={() => void refetch()} disabled={isFetching}>
          {words.refresh}
        </Button>
      </PageHead>
      <div className="overview-choice">
        <Field label={words.target}>
          {(control) => (
            <select {...control} value={target} onChange={(event) => setTarget(event.target.value)}>
              <option value="">{words.allTargets}</option>
              {targets.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={words.days}>
          {(control) => (
            <select {...control} value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {Object.entries(SPANS).map(([count, text]) => (
                <option key={count} value={count}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
        <p className="soft">{words.utc}</p>
      </div>
      {error === null ? null : <FailureNote error={error} onRetry={() => void refetch()} />}
      {data === undefined ? error === null ? <Loading /> : null : <Plots view={data} />}
    </>
  );
}

/** The first of so many days, of which the last is today. */
function firstDay(days: number): string {
  return new Date(Date.now() - (days - 1) * DAY_MS).toISOString().slice(0, 10);
}

function Plots({ view }: { readonly view: StatisticsView }) {
  return (
    <>
      {view.cut.map((series) => (
        <Note key={series} tone="hold">
          <p>{words.cut(words[series].title)}</p>
        </Note>
      ))}
      <div className="overview">
        <StatementsPlot view={view} />
        <DecisionsPlot view={view} />
        <OpenPlot view={view} />
        <ChangesPlot view={view} />
        <TasksPlot view={view} />
      </div>
    </>
  );
}

/** The names of targets that the broker has now. */
function useTargets(): readonly string[] {
  const { data } = useQuery({
    queryKey: ['targets', 'names'],
    queryFn: ({ signal }) =>
      call<{ readonly items: readonly { readonly name: string }[] }>('/v1/targets', { query: { limit: 200 }, signal }),
    staleTime: 60_000,
  });
  return (data?.items ?? []).map(({ name }) => name);
}
