import { readKept } from '../theme/theme.js';

export const KEPT_AS = 'doorwarden.notices';

/** `impossible`: this browser has none. `blocked`: the person has told the browser to show none of this page. */
export type NoticeChoice = 'off' | 'on' | 'blocked' | 'impossible';

/**
 * Shows a notice of the browser, where the person wants them and does not look at the page. Its text leaves the page: no
 * statement and no row stands in it. One of the same tag takes the place of the one before.
 */
export function showNotice({ title, text, tag, onOpen }: BrowserNotice): void {
  if (choiceNow() !== 'on' || document.visibilityState === 'visible') return;
  const shown = new Notification(title, { body: text, tag });
  shown.addEventListener('click', () => {
    window.focus();
    shown.close();
    onOpen();
  });
}

export interface BrowserNotice {
  readonly title: string;
  readonly text: string;
  readonly tag: string;
  readonly onOpen: () => void;
}

/** What the browser and the person say now. */
export function choiceNow(): NoticeChoice {
  if (!isPossible()) return 'impossible';
  if (Notification.permission === 'denied') return 'blocked';
  return Notification.permission === 'granted' && readKept(KEPT_AS) === 'on' ? 'on' : 'off';
}

export function isPossible(): boolean {
  return 'Notification' in window;
}
