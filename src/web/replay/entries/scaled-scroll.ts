/**
 * Browsers end elements at 17 to 33 million pixels, and a million rows are taller. A box of this many pixels stands for them:
 * below it rows scroll as everywhere, above it the bar of the box is scaled, and a wheel still moves by its own pixels.
 */
export const BOX_PX_MAX = 8_000_000;

export interface ScrollScale {
  /** Of the box that scrolls. */
  readonly boxPx: number;
  /** Pixels of rows for one pixel of the box's bar. */
  readonly scale: number;
  readonly rowsPx: number;
}

export function scrollScale(rowsPx: number, viewPx: number): ScrollScale {
  const boxPx = Math.min(rowsPx, BOX_PX_MAX);
  const scale = boxPx > viewPx ? Math.max(1, (rowsPx - viewPx) / (boxPx - viewPx)) : 1;
  return { boxPx, scale, rowsPx };
}

export interface RowWindow {
  readonly first: number;
  /** The first row that is not shown. */
  readonly end: number;
}

/** The rows that a view at `offsetPx` of the rows shows, with some more on both sides. */
export function rowWindow(
  { offsetPx, viewPx, rowPx, count }: { offsetPx: number; viewPx: number; rowPx: number; count: number },
  more = 10,
): RowWindow {
  const first = Math.max(0, Math.floor(offsetPx / rowPx) - more);
  const end = Math.min(count, Math.ceil((offsetPx + viewPx) / rowPx) + more);
  return { first: Math.min(first, count), end: Math.max(end, 0) };
}

/** The offset by which a row is seen, as near to where the view is as can be. */
export function offsetShowing(
  row: number,
  { offsetPx, viewPx, rowPx, rowsPx }: { offsetPx: number; viewPx: number; rowPx: number; rowsPx: number },
): number {
  const top = row * rowPx;
  const isFar = top < offsetPx - viewPx || top > offsetPx + 2 * viewPx;
  const wanted = isFar
    ? top - viewPx / 3
    : Math.min(Math.max(offsetPx, top + 2 * rowPx - viewPx), Math.max(0, top - rowPx));
  return Math.min(Math.max(0, wanted), Math.max(0, rowsPx - viewPx));
}
