import type { OutlookView } from '../../contracts/grant.js';
import type { OnHold } from '../../domain/grant.js';
import type { AccessOutlook, Outlook } from '../../protocols/sql/policy/outlook.js';

/** The outlook of a grant as data and in words. */
export function outlookViewOf(outlook: Outlook, onHold: OnHold): OutlookView {
  const { access, holdSeconds } = outlook;
  return {
    words: wordsOf(outlook, onHold),
    access: access.map(({ database, tables, runsAtOnce, waits, depends, neverRuns }) => ({
      database,
      ...(tables === undefined ? {} : { tables: [...tables] }),
      runsAtOnce: [...runsAtOnce],
      waits: [...waits],
      depends: [...depends],
      neverRuns: [...neverRuns],
    })),
    holdSeconds,
  };
}

function wordsOf({ access, holdSeconds }: Outlook, onHold: OnHold): string {
  const time = holdSeconds === null ? '' : ` (people have ${holdSeconds} seconds)`;
  const sentences = [
    said('Runs at once', access, 'runsAtOnce'),
    said(`Waits for a person${time}`, access, 'waits'),
    said('Depends on the statement', access, 'depends'),
    said('Never runs', access, 'neverRuns'),
  ].filter((sentence) => sentence !== undefined);
  const mayWait = access.some(({ waits, depends }) => waits.length + depends.length > 0);
  return [...sentences, ...(mayWait ? [ON_HOLD_WORDS[onHold]] : [])].join(' ');
}

const ON_HOLD_WORDS: Readonly<Record<OnHold, string>> = {
  wait: 'The client of a statement that waits gets its answer after the decision: set no short time limit on its reads.',
  error:
    'A statement that must wait is answered at once with the error statement_held, which names its approval; once that is approved, send the same statement again.',
};

function said(
  what: string,
  access: readonly AccessOutlook[],
  kind: 'runsAtOnce' | 'waits' | 'depends' | 'neverRuns',
): string | undefined {
  const parts = access.flatMap((rule) =>
    rule[kind].length === 0 ? [] : [`${rule[kind].join(', ')} on ${placeOf(rule)}`],
  );
  return parts.length === 0 ? undefined : `${what}: ${parts.join('; ')}.`;
}

function placeOf({ database, tables }: AccessOutlook): string {
  return tables === undefined ? database : tables.map((table) => `${database}.${table}`).join(', ');
}
