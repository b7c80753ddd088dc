/** The time bar: times of a recording against pixels. */

export interface TimeScale {
  readonly durationUs: number;
  readonly widthPx: number;
}

export function pxOf(us: number, { durationUs, widthPx }: TimeScale): number {
  return durationUs <= 0 ? 0 : Math.min(1, Math.max(0, us / durationUs)) * (widthPx - 1);
}

export function usAt(px: number, { durationUs, widthPx }: TimeScale): number {
  return widthPx <= 1 ? 0 : (Math.min(Math.max(0, px), widthPx - 1) / (widthPx - 1)) * durationUs;
}

/** Below this a drag is a click. */
export const DRAG_PX_MIN = 6;

export interface UsRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** The part of the time that a drag from one pixel to another means; undefined for a click. */
export function draggedRange(fromPx: number, toPx: number, scale: TimeScale): UsRange | undefined {
  if (Math.abs(toPx - fromPx) < DRAG_PX_MIN) return undefined;
  return { fromUs: usAt(Math.min(fromPx, toPx), scale), toUs: usAt(Math.max(fromPx, toPx), scale) };
}

/** Density for each pixel: the largest bucket that falls on it, as a share of the largest of all by its root, so that few are seen beside many. */
export function columns(density: readonly number[], bucketUs: number, scale: TimeScale): readonly number[] {
  const found: number[] = Array.from({ length: Math.max(0, Math.floor(scale.widthPx)) }, () => 0);
  let most = 0;
  for (const [place, count] of density.entries()) {
    most = Math.max(most, count);
    const first = Math.floor(pxOf(place * bucketUs, scale));
    const last = Math.max(first, Math.floor(pxOf((place + 1) * bucketUs, scale)) - 1);
    for (let px = first; px <= last && px < found.length; px += 1) found[px] = Math.max(found[px] ?? 0, count);
  }
  return found.map((count) => (most === 0 ? 0 : Math.sqrt(count / most)));
}
