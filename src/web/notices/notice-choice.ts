import { createStore } from '../api/store.js';
import { keep } from '../theme/theme.js';
import { choiceNow, isPossible, KEPT_AS, type NoticeChoice } from './browser-notices.js';

// Asking the browser takes a while, so it is asked where the choice is shown, and not on every page.
const choice = createStore<NoticeChoice>(choiceNow());
export const useNoticeChoice = choice.use;

/** Asks the browser where it has to be asked, and keeps the choice in this browser. */
export async function chooseNotices(isOn: boolean): Promise<void> {
  if (isOn && isPossible() && Notification.permission === 'default') await Notification.requestPermission();
  keep(KEPT_AS, isOn ? 'on' : 'off');
  choice.set(choiceNow());
}
