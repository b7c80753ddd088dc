import { createStore } from '../api/store.js';
import { keep, readKept } from '../theme/theme.js';

const KEPT_AS = 'doorwarden.notices';

/** `impossible`: this browser has none. `blocked`: the person has told the browser to show none of this page. */
export type NoticeChoice = 'off' | 'on' | 'blocked' | 'impossible';

const choice = createStore<NoticeChoice>(choiceNow());
export const useNoticeChoice = choice.use;

/** Asks the browser where it has to be asked, and keeps the choice in this browser. */
export async function chooseNotices(isOn: boolean): Promise<void> {
  if (isOn && isPossible() && Notification.permission === 'default') await Notification.requestPermission();
  keep(KEPT_AS, isOn ? 'on' : 'off');
  choice.set(choiceNow());
}

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

function choiceNow(): NoticeChoice {
  if (!isPossible()) return 'impossible';
  if (Notification.permission === 'denied') return 'blocked';
  return Notification.permission === 'granted' && readKept(KEPT_AS) === 'on' ? 'on' : 'off';
}

function isPossible(): boolean {
  return 'Notification' in window;
}
