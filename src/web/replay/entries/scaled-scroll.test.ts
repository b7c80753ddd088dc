import { describe, expect, it } from 'vitest';
import { BOX_PX_MAX, offsetShowing, rowWindow, scrollScale } from './scaled-scroll.js';

describe('scrolling a million rows', () => {
  it('is plain where a browser can hold the rows, and scaled where it cannot', () => {
    expect(scrollScale(32_000, 500)).toEqual({ boxPx: 32_000, scale: 1, rowsPx: 32_000 });
    const million = scrollScale(32_000_000, 500);
    expect(million.boxPx).toBe(BOX_PX_MAX);
    // The end of the bar is the end of the rows.
    expect((million.boxPx - 500) * million.scale).toBeCloseTo(32_000_000 - 500, 3);
  });

  it('shows the rows of the view and some around them, within the list', () => {
    expect(rowWindow({ offsetPx: 0, viewPx: 320, rowPx: 32, count: 1_000_000 })).toEqual({ first: 0, end: 20 });
    expect(rowWindow({ offsetPx: 31_999_680, viewPx: 320, rowPx: 32, count: 1_000_000 })).toEqual({
      first: 999_980,
      end: 1_000_000,
    });
    expect(rowWindow({ offsetPx: 0, viewPx: 320, rowPx: 32, count: 0 })).toEqual({ first: 0, end: 0 });
  });

  it('brings a row into view, moving no more than it must', () => {
    const view = { offsetPx: 1_000, viewPx: 320, rowPx: 32, rowsPx: 32_000_000 };
    expect(offsetShowing(35, view)).toBe(1_000);
    expect(offsetShowing(31, view)).toBe(960);
    expect(offsetShowing(41, view)).toBe(1_056);
    expect(offsetShowing(500_000, view)).toBeCloseTo(16_000_000 - 320 / 3, 3);
    expect(offsetShowing(999_999, view)).toBe(32_000_000 - 320);
    expect(offsetShowing(0, { ...view, rowsPx: 64 })).toBe(0);
  });
});
