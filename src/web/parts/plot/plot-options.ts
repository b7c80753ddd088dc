import uPlot from 'uplot';
import { dayText, numberText, utcText } from '../../texts/format.js';
import type { PlotProps } from './plot-values.js';
import { PLOT_DASHES, plotPaint } from './plot-paint.js';

type Colours = (name: string) => string;

const TRIANGLE = 6;
const BAR_WIDTH_MAX = 60;

/** How a plot is drawn; without its size. */
export function plotOptions(props: PlotProps, colours: Colours): Omit<uPlot.Options, 'width' | 'height'> {
  const { kind, series, names, xs, scale = 'even', marked = [] } = props;
  const isStacked = kind === 'stacked bars';
  const hasShare = series.some(({ isShare }) => isShare);
  const drawn = isStacked ? series.toReversed() : series;
  return {
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { show: false },
    padding: [8, hasShare ? 0 : 12, 0, 0],
    // The library's types name these by enums, which it does not export as values.
    // oxlint-disable typescript/no-unsafe-enum-assignment
    scales: {
      x: names === undefined ? { time: true, range: (_, from, to) => widened(from, to, xs) } : namedScale(names.length),
      y: { distr: scale === 'even' ? 1 : 3, range: scale === 'even' ? evenRange : powersRange },
      share: { range: [0, 100] },
    },
    axes: [
      axisX(names, colours),
      { ...axisY(props, colours), scale: 'y' },
      ...(hasShare
        ? [
            {
              ...axisY({ yText: (share) => `${share} %` }, colours),
              scale: 'share',
              side: 1 as const,
              grid: { show: false },
            },
          ]
        : []),
    ],
    // oxlint-enable typescript/no-unsafe-enum-assignment
    series: [
      { value: (_, seconds) => utcText(seconds * 1_000) },
      ...drawn.map(({ label, tone, isShare }) => {
        const colour = colours(`plot-${tone}`);
        const common = { label, scale: isShare === true ? 'share' : 'y', stroke: colour, width: isStacked ? 1 : 2 };
        if (!isStacked)
          return { ...common, dash: [...PLOT_DASHES[tone]], spanGaps: false, points: { show: true, size: 6 } };
        const fill = plotPaint(tone, colour, colours('paper'));
        return { ...common, fill: () => fill, paths: bars(), points: { show: false } };
      }),
    ],
    hooks: { draw: [(plot) => drawMarks(plot, marked, colours('ink'))] },
  };
}

function bars(): uPlot.Series.PathBuilder {
  const build = uPlot.paths.bars?.({ size: [0.8, BAR_WIDTH_MAX], align: 0 });
  return build ?? (() => null);
}

/** A little room before the first and after the last, so that bars are whole. */
function widened(from: number, to: number, xs: readonly number[]): [number, number] {
  const step = Math.min(...xs.slice(1).map((x, at) => x - (xs[at] ?? x)), 86_400);
  return [from - step / 2, to + step / 2];
}

function namedScale(count: number): uPlot.Scale {
  return { time: false, range: [-0.5, count - 0.5] };
}

function evenRange(_: uPlot, __: number, to: number): [number, number] {
  return [0, Math.max(1, to * 1.05)];
}

function powersRange(_: uPlot, from: number, to: number): [number, number] {
  const low = 10 ** Math.floor(Math.log10(Math.max(1, from)));
  return [low, Math.max(low * 10, 10 ** Math.ceil(Math.log10(Math.max(1, to))))];
}

function axisX(names: readonly string[] | undefined, colours: Colours): uPlot.Axis {
  const look = axisLook(colours);
  if (names === undefined) return { ...look, space: 70, size: 34, values: (_, seconds) => seconds.map(stepText) };
  return {
    ...look,
    grid: { show: false },
    splits: () => names.map((__, at) => at),
    values: (_, places) => places.map((at) => names[at] ?? ''),
    space: 20,
    size: 48,
  };
}

/** `28 Nov`, or `06:00` within a day. */
function stepText(seconds: number): string {
  return seconds % 86_400 === 0 ? dayText(seconds * 1_000) : new Date(seconds * 1_000).toISOString().slice(11, 16);
}

/** Counts are whole. */
const WHOLE_STEPS = [1, 2, 5]
  .flatMap((step) => Array.from({ length: 12 }, (_, power) => step * 10 ** power))
  .sort((a, b) => a - b);

function axisY({ yText = numberText, ySplits, scale }: AxisWishes, colours: Colours): uPlot.Axis {
  return {
    ...axisLook(colours),
    ...(scale === 'powers of ten' ? {} : { incrs: WHOLE_STEPS }),
    ...(ySplits === undefined
      ? {}
      : { splits: (_, __, from, to) => within(ySplits, from, to), filter: (_, splits) => splits }),
    size: (_, values) => Math.max(40, ...(values ?? []).map((value) => 16 + 7.5 * value.length)),
    values: (_, values) => values.map((value) => (value === null ? '' : yText(value))),
  };
}

function axisLook(colours: Colours): uPlot.Axis {
  return {
    stroke: colours('soft'),
    grid: { stroke: colours('line'), width: 1 },
    ticks: { stroke: colours('line'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
}

type AxisWishes = Pick<PlotProps, 'yText' | 'ySplits' | 'scale'>;

function within(places: readonly number[], from: number, to: number): number[] {
  return places.filter((place) => place >= from && place <= to);
}

/** Triangles at the upper edge. */
function drawMarks(plot: uPlot, marked: readonly number[], colour: string): void {
  const { ctx: context, bbox } = plot;
  const size = TRIANGLE * devicePixelRatio;
  context.save();
  context.fillStyle = colour;
  for (const at of marked) {
    const x = plot.data[0][at];
    if (x === undefined) continue;
    const left = plot.valToPos(x, 'x', true);
    context.beginPath();
    context.moveTo(left - size, bbox.top);
    context.lineTo(left + size, bbox.top);
    context.lineTo(left, bbox.top + 1.6 * size);
    context.fill();
  }
  context.restore();
}
