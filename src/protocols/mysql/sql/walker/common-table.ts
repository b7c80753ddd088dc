import { type Walk } from './walk.js';

/** `WITH [RECURSIVE] name [(columns)] AS (query), …`; its names are in scope after it, each after its own query. */
export function walkWith(walk: Walk): void {
  walk.expect('with');
  const isRecursive = walk.accept('recursive');
  do {
    walk.noteTableName();
    const name = walk.name();
    if (walk.word() === '(') walk.skipGroup();
    walk.expect('as');
    const outer = walk.scope;
    const inner = { names: new Set([name]), outer };
    // Inside of it the name is the table's own, unless it is recursive.
    if (isRecursive) walk.scope = inner;
    walk.expect('(');
    walk.nestedQuery(() => walk.walkers.query(walk));
    walk.expect(')');
    if (walk.accept('cycle')) walkCycle(walk);
    walk.scope = inner;
  } while (walk.accept(','));
}

/** MariaDB's `CYCLE a, b RESTRICT`. */
function walkCycle(walk: Walk): void {
  do walk.name();
  while (walk.accept(','));
  walk.expect('restrict');
}
