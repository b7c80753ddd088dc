/** Throws when a promise that the code makes to itself does not hold. Never for what a user or a peer sends. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${what}`);
}

/** The end of a switch over all cases; a case that was added and forgotten does not compile. */
export function unreachable(value: never): never {
  throw new Error(`Broken invariant: unexpected case ${JSON.stringify(value)}`);
}
