/** So long after somebody last touched the page, what it asks it asks by itself. */
const ATTENDED_MS = 60_000;
const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

let touchedMs = Date.now();

/** Notes when somebody uses the page, from then on. */
export function noteTouches(): void {
  for (const touch of TOUCHES) {
    addEventListener(touch, () => void (touchedMs = Date.now()), { capture: true, passive: true });
  }
}

/** Whether somebody is there. A session does not last longer for what a page asks by itself. */
export function isAttended(): boolean {
  return Date.now() - touchedMs < ATTENDED_MS;
}
