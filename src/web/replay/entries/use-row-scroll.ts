import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { offsetShowing, rowWindow, scrollScale, type RowWindow } from './scaled-scroll.js';

export const ROW_PX = 32;
const VIEW_PX_FIRST = 600;

export interface RowScroll {
  readonly box: RefObject<HTMLDivElement | null>;
  /** Of what stands in the box for all rows. */
  readonly boxPx: number;
  readonly window: RowWindow;
  /** Where a row stands within the box. */
  readonly topOf: (row: number) => number;
  readonly show: (row: number) => void;
  /** The last row is in view. */
  readonly isAtEnd: boolean;
}

interface View {
  /** Of the rows, exactly; and where the box stands, in its own pixels. */
  readonly offsetPx: number;
  readonly boxTopPx: number;
  readonly viewPx: number;
}

/** Which rows of a list of any length are to be shown. `onMoved` hears of what a person scrolls, not of `show`. */
export function useRowScroll(count: number, onMoved: (isAtEnd: boolean) => void): RowScroll {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>({ offsetPx: 0, boxTopPx: 0, viewPx: VIEW_PX_FIRST });
  const rowsPx = count * ROW_PX;
  const { boxPx, scale } = scrollScale(rowsPx, view.viewPx);
  const latest = useRef({ scale, rowsPx, view, onMoved });
  useLayoutEffect(() => void (latest.current = { scale, rowsPx, view, onMoved }));
  /** Where the box was put by this hook: the event of it is none of a person. */
  const expected = useRef(0);

  const put = useCallback((offsetPx: number) => {
    const element = box.current;
    if (element === null) return;
    const most = Math.max(0, latest.current.rowsPx - element.clientHeight);
    const wanted = Math.min(Math.max(0, offsetPx), most);
    element.scrollTop = wanted / latest.current.scale;
    expected.current = element.scrollTop;
    setView({ offsetPx: wanted, boxTopPx: element.scrollTop, viewPx: element.clientHeight });
  }, []);

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const tell = (offsetPx: number) =>
      latest.current.onMoved(offsetPx + element.clientHeight >= latest.current.rowsPx - ROW_PX);
    const onScroll = () => {
      if (Math.abs(element.scrollTop - expected.current) < 2) return;
      expected.current = -10;
      const offsetPx = element.scrollTop * latest.current.scale;
      setView({ offsetPx, boxTopPx: element.scrollTop, viewPx: element.clientHeight });
      tell(offsetPx);
    };
    const onWheel = (event: WheelEvent) => {
      if (latest.current.scale === 1 || event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      const offsetPx = latest.current.view.offsetPx + event.deltaY * (event.deltaMode === 1 ? ROW_PX : 1);
      put(offsetPx);
      tell(offsetPx);
    };
    const observer = new ResizeObserver(() => put(latest.current.view.offsetPx));
    observer.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
    };
  }, [put]);

  const show = useCallback(
    (row: number) => {
      const viewPx = box.current?.clientHeight ?? VIEW_PX_FIRST;
      const { offsetPx } = latest.current.view;
      put(offsetShowing(row, { offsetPx, viewPx, rowPx: ROW_PX, rowsPx: latest.current.rowsPx }));
    },
    [put],
  );
  return {
    box,
    boxPx,
    window: rowWindow({ offsetPx: view.offsetPx, viewPx: view.viewPx, rowPx: ROW_PX, count }),
    topOf: (row) => row * ROW_PX - view.offsetPx + view.boxTopPx,
    show,
    isAtEnd: view.offsetPx + view.viewPx >= rowsPx - ROW_PX,
  };
}
