import { useEffect } from 'react';
import { texts } from '../../texts/en.js';
import { mineOf, type ApprovalFeed } from './feed.js';

/** The sign of the window, with a dot while something waits: pictures of data need no request. */
const SIGN = (hasDot: boolean) =>
  `data:image/svg+xml,${encodeURIComponent(
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect x='2' y='1' width='12' height='14' rx='2' " +
      "fill='#0a58ca'/><circle cx='11' cy='8.5' r='1.2' fill='#fff'/>" +
      (hasDot ? "<circle cx='12' cy='4' r='4' fill='#d33' stroke='#fff'/>" : '') +
      '</svg>',
  )}`;

/** Counts in the window's title, and marks in its sign, what waits for the person. */
export function useWindowTitle({ pending }: ApprovalFeed): void {
  const count = mineOf(pending).length;
  useEffect(() => {
    document.title = `${texts.approval.windowTitle(count)} · ${texts.shell.product}`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon !== null) icon.href = SIGN(count > 0);
  }, [count]);
  useEffect(
    () => () => {
      const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
      if (icon !== null) icon.href = SIGN(false);
    },
    [],
  );
}
