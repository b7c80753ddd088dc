import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import type { PlotProps, PlotValues } from './plot-values.js';
import { plotColours } from './plot-paint.js';
import { plotOptions } from './plot-options.js';
import { PlotLegend } from './plot-legend.js';

const HEIGHT = 208;

/** The plot itself, on a canvas as wide as its place; made again when the theme changes. */
export function PlotCanvas(props: PlotProps) {
  return <Drawn key={useTheme()} {...props} />;
}

function Drawn(props: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const { summary, kind, xs, series } = props;
  useEffect(() => {
    const within = place.current;
    if (within === null) return undefined;
    const options = plotOptions(props, plotColours(within));
    const size = { width: within.clientWidth, height: HEIGHT };
    const plot = new uPlot({ ...options, ...size }, dataOf(kind, xs, series), within);
    const resized = new ResizeObserver(() => plot.setSize({ width: within.clientWidth, height: HEIGHT }));
    resized.observe(within);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [props, kind, xs, series]);
  return (
    <>
      <PlotLegend series={series} kind={kind} />
      <div ref={place} className="plot" role="img" aria-label={summary} />
    </>
  );
}

/** Bars of one place stand on each other: the tallest is drawn first, the next ones over it, and none where there is nothing. */
function dataOf(kind: PlotProps['kind'], xs: readonly number[], series: readonly PlotValues[]): uPlot.AlignedData {
  if (kind === 'lines') return [[...xs], ...series.map(({ values }) => [...values])];
  const heights = series.map((_, upTo) =>
    xs.map((__, at) => series.slice(0, upTo + 1).reduce((sum, { values }) => sum + (values[at] ?? 0), 0)),
  );
  const sums = heights.map((ofOne) => ofOne.map((height) => (height === 0 ? null : height)));
  return [[...xs], ...sums.toReversed()];
}

/** Another text as soon as colours have changed: the person's choice, or that of their system. */
function useTheme(): string {
  const [theme, setTheme] = useState(themeNow); // known from the first: another one draws the plot once more
  useEffect(() => {
    const wishes = WISHES.map((query) => matchMedia(query));
    const look = (): void => setTheme(themeNow());
    look();
    const watcher = new MutationObserver(look);
    watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    for (const wish of wishes) wish.addEventListener('change', look);
    return () => {
      watcher.disconnect();
      for (const wish of wishes) wish.removeEventListener('change', look);
    };
  }, []);
  return theme;
}

const WISHES = ['(prefers-color-scheme: dark)', '(forced-colors: active)'];

function themeNow(): string {
  const wishes = WISHES.map((query) => matchMedia(query).matches);
  return [document.documentElement.dataset['theme'] ?? '', ...wishes].join(' ');
}
