import { createStore } from './store.js';

/** Whether the session that this page was opened with is over. What was typed stays on the page meanwhile. */
const over = createStore(false);

export function sessionIsOver(): void {
  over.set(true);
}

export function sessionGoesOn(): void {
  over.set(false);
}

export const useSessionIsOver = over.use;

/** Where people sign in, and come back to this very place. */
export function signInAddress(path = `${location.pathname}${location.search}${location.hash}`): string {
  return `/auth/sign-in?return=${encodeURIComponent(path)}`;
}
