import type { RecordingMarks } from '../../../contracts/recordings/recording-marks.js';
import { MARK_KINDS, type MarkKind } from './jumps.js';
import { columns, pxOf, type TimeScale, type UsRange } from './time-bar-scale.js';

export const DENSITY_PX = 30;
export const LANE_PX = 8;
export const BAR_PX = DENSITY_PX + 4 + MARK_KINDS.length * LANE_PX;
const MARK_PX = 3;

export interface BarPicture {
  readonly marks: RecordingMarks;
  readonly scale: TimeScale;
  readonly selectedUs: number;
  readonly range: UsRange | undefined;
  /** Other colours make another picture. */
  readonly looks: string;
}

/** Paints density, lanes and where the reader is. Colours are those of the element's own properties. */
export function paintTimeBar(canvas: HTMLCanvasElement, { marks, scale, selectedUs, range }: BarPicture): void {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(scale.widthPx * ratio);
  canvas.height = Math.round(BAR_PX * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name).trim() || style.color;

  context.fillStyle = colour('--bar-density');
  for (const [px, share] of columns(marks.density, marks.bucketUs, scale).entries()) {
    if (share === 0) continue;
    const high = Math.max(2, share * DENSITY_PX);
    context.fillRect(px, DENSITY_PX - high, 1, high);
  }
  context.fillStyle = colour('--bar-line');
  context.fillRect(0, DENSITY_PX, scale.widthPx, 1);
  for (const mark of marks.marks) {
    context.fillStyle = colour(`--bar-${mark.kind}`);
    context.fillRect(pxOf(mark.monoUs, scale) - MARK_PX / 2, laneTop(mark.kind), MARK_PX, LANE_PX - 2);
  }
  if (range !== undefined) {
    context.fillStyle = colour('--bar-outside');
    const from = pxOf(range.fromUs, scale);
    const to = pxOf(range.toUs, scale);
    context.globalAlpha = 0.75;
    context.fillRect(0, 0, from, BAR_PX);
    context.fillRect(to, 0, scale.widthPx - to, BAR_PX);
    context.globalAlpha = 1;
  }
  context.fillStyle = colour('--bar-here');
  context.fillRect(Math.max(0, pxOf(selectedUs, scale) - 1), 0, 2, BAR_PX);
}

function laneTop(kind: MarkKind): number {
  return DENSITY_PX + 4 + MARK_KINDS.indexOf(kind) * LANE_PX;
}
