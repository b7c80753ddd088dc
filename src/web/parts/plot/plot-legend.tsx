import { useEffect, useRef } from 'react';
import type { PlotProps, PlotValues } from './plot-values.js';
import { PLOT_DASHES, plotColours, plotPaint } from './plot-paint.js';

export type PlotLegendProps = Pick<PlotProps, 'series' | 'kind'>;

/** Which colour and pattern is what, in words. */
export function PlotLegend({ series, kind }: PlotLegendProps) {
  return (
    <ul className="plot-legend">
      {series.map((one) => (
        <li key={one.label}>
          <Swatch series={one} kind={kind} />
          <bdi>{one.label}</bdi>
        </li>
      ))}
    </ul>
  );
}

const WIDTH = 24;
const HEIGHT = 14;

function Swatch({ series: { tone }, kind }: { readonly series: PlotValues; readonly kind: PlotProps['kind'] }) {
  const place = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = place.current;
    const context = canvas?.getContext('2d');
    if (canvas === null || context === null || context === undefined) return;
    const scale = Math.max(1, Math.round(devicePixelRatio));
    canvas.width = WIDTH * scale;
    canvas.height = HEIGHT * scale;
    const colours = plotColours(document.body);
    const colour = colours(`plot-${tone}`);
    context.fillStyle = kind === 'lines' ? colours('paper') : plotPaint(tone, colour, colours('paper'));
    context.fillRect(0, 0, canvas.width, canvas.height);
    if (kind !== 'lines') return;
    context.strokeStyle = colour;
    context.lineWidth = 2 * scale;
    context.setLineDash(PLOT_DASHES[tone].map((length) => length * scale));
    context.beginPath();
    context.moveTo(0, canvas.height / 2);
    context.lineTo(canvas.width, canvas.height / 2);
    context.stroke();
  }, [tone, kind]);
  return <canvas ref={place} aria-hidden="true" />;
}
