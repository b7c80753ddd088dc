import type { AccessOutlook, AccessOutlooks } from './outlook.js';

/** The outlook in plain words, a sentence for each kind. */
export function outlookWords({ access, holdSeconds }: AccessOutlooks): string {
  const time = holdSeconds === null ? '' : ` (people have ${holdSeconds} seconds)`;
  const sentences = [
    said('Runs at once', access, 'runsAtOnce'),
    said(`Waits for a person${time}`, access, 'waits'),
    said('Depends on the statement', access, 'depends'),
    said('Never runs', access, 'neverRuns'),
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}

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
