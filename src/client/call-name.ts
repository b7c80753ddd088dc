/**
 * A name that no other call of the same principal has. It is no secret: it need not be hard to guess, and what makes UUIDs
 * takes longer to load than all else of a call.
 */
export function newCallName(): string {
  const parts = [Date.now(), process.pid, Math.random(), Math.random()];
  return parts.map((part) => part.toString(36).replace('0.', '')).join('-');
}
