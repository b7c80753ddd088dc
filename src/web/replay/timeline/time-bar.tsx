import './time-bar.css';
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { RecordingMarks } from '../../../contracts/recordings/recording-marks.js';
import { texts } from '../../texts/en.js';
import { BAR_PX, paintTimeBar } from './time-bar-paint.js';
import { DRAG_PX_MIN, draggedRange, usAt, type UsRange } from './time-bar-scale.js';
import { offsetText } from './times.js';
import { useLooks } from './use-looks.js';

const KEY_STEPS = 100;

export interface TimeBarProps {
  readonly marks: RecordingMarks;
  readonly selected: number;
  readonly selectedUs: number;
  readonly range: UsRange | undefined;
  readonly onSeek: (us: number) => void;
  readonly onRange: (range: UsRange) => void;
}

/** The whole time of the task: statements for each pixel, and a lane for each kind of mark. */
export function TimeBar({ marks, selected, selectedUs, range, onSeek, onRange }: TimeBarProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [widthPx, setWidthPx] = useState(0);
  const [drag, setDrag] = useState<{ readonly fromPx: number; readonly toPx: number }>();
  const looks = useLooks();
  const scale = { durationUs: marks.durationUs, widthPx };
  const dragged = drag === undefined ? undefined : draggedRange(drag.fromPx, drag.toPx, scale);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidthPx(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const shownRange = dragged ?? range;
  const [fromUs, toUs] = [shownRange?.fromUs, shownRange?.toUs];
  useEffect(() => {
    if (canvas.current === null || widthPx === 0) return;
    const part = fromUs === undefined || toUs === undefined ? undefined : { fromUs, toUs };
    const painted = { durationUs: marks.durationUs, widthPx };
    paintTimeBar(canvas.current, { marks, scale: painted, selectedUs, range: part, looks });
  }, [marks, widthPx, selectedUs, fromUs, toUs, looks]);

  const pxOfEvent = (event: PointerEvent) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const begin = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ fromPx: pxOfEvent(event), toPx: pxOfEvent(event) });
  };
  const go = (event: PointerEvent) => {
    if (drag !== undefined) setDrag({ ...drag, toPx: pxOfEvent(event) });
  };
  const end = () => {
    if (drag === undefined) return;
    setDrag(undefined);
    if (dragged !== undefined) onRange(dragged);
    else if (Math.abs(drag.toPx - drag.fromPx) < DRAG_PX_MIN) onSeek(usAt(drag.fromPx, scale));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (way === undefined || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    onSeek(Math.min(Math.max(0, selectedUs + (way * marks.durationUs) / KEY_STEPS), marks.durationUs));
  };
  return (
    <div
      className="time-bar"
      // A range input has no lanes, and no part that is chosen by dragging.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="slider"
      tabIndex={0}
      aria-label={texts.replay.timeBar}
      aria-valuemin={0}
      aria-valuemax={Math.max(1, Math.round(marks.durationUs / 1_000))}
      aria-valuenow={Math.round(selectedUs / 1_000)}
      aria-valuetext={texts.replay.at(offsetText(selectedUs), selected)}
      title={texts.replay.timeBarHint}
      onKeyDown={onKeyDown}
      onPointerDown={begin}
      onPointerMove={go}
      onPointerUp={end}
      onPointerCancel={() => setDrag(undefined)}
    >
      <canvas ref={canvas} aria-hidden="true" style={{ height: BAR_PX }} />
      <span className="time-bar-ends" aria-hidden="true">
        <span>{offsetText(0)}</span>
        <span>{offsetText(marks.durationUs)}</span>
      </span>
    </div>
  );
}
