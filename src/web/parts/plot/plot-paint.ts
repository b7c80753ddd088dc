import type { PlotTone } from './plot-values.js';

const CELL = 8;

/** The colours that the page has now, light or dark, as a canvas takes them. */
export function plotColours(within: Element): (name: string) => string {
  const probe = document.createElement('span');
  within.append(probe);
  const known = new Map<string, string>();
  const colourOf = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  for (const name of ['plot-1', 'plot-2', 'plot-3', 'plot-4', 'plot-5', 'ink', 'soft', 'line', 'paper']) {
    known.set(name, colourOf(name));
  }
  probe.remove();
  return (name) => known.get(name) ?? 'currentcolor';
}

/** What an area of this tone is filled with: its colour, and a pattern of its own upon it. */
export function plotPaint(tone: PlotTone, colour: string, paper: string): CanvasPattern | string {
  const cell = document.createElement('canvas');
  const scale = Math.max(1, Math.round(devicePixelRatio));
  cell.width = CELL * scale;
  cell.height = CELL * scale;
  const context = cell.getContext('2d');
  if (context === null || tone === 1) return colour;
  context.scale(scale, scale);
  context.fillStyle = colour;
  context.fillRect(0, 0, CELL, CELL);
  context.strokeStyle = paper;
  context.fillStyle = paper;
  context.lineWidth = 1.5;
  drawPattern(context, tone);
  return context.createPattern(cell, 'repeat') ?? colour;
}

function drawPattern(context: CanvasRenderingContext2D, tone: PlotTone): void {
  const line = (fromX: number, fromY: number, toX: number, toY: number): void => {
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(toX, toY);
    context.stroke();
  };
  if (tone === 2) for (const shift of [-CELL, 0, CELL]) line(shift, CELL, shift + CELL, 0);
  if (tone === 3) for (const shift of [-CELL, 0, CELL]) line(shift, 0, shift + CELL, CELL);
  if (tone === 4) line(0, CELL / 2, CELL, CELL / 2);
  if (tone === 5) {
    context.beginPath();
    context.arc(CELL / 2, CELL / 2, 1.75, 0, 2 * Math.PI);
    context.fill();
  }
}

/** How the line of a tone is broken. */
export const PLOT_DASHES: Readonly<Record<PlotTone, readonly number[]>> = {
  1: [],
  2: [7, 4],
  3: [2, 3],
  4: [9, 3, 2, 3],
  5: [14, 5],
};
