/** The facets of a search as the box has them. */
export const FACETS = [
  'agent',
  'sponsor',
  'target',
  'table',
  'kind',
  'verdict',
  'decision',
  'error',
  'rows',
  'took',
  'from',
  'to',
  'task',
  'grant',
] as const;
export type Facet = (typeof FACETS)[number];

export type FacetFault = 'verdict' | 'decision' | 'rows' | 'took' | 'time' | 'grant';

/** What is searched for: words, and facets as they were written. */
export interface SearchTerms {
  readonly text: string;
  readonly facets: Readonly<Partial<Record<Facet, string>>>;
}

export type SearchQuery = Readonly<Record<string, string | number>>;

const TOKEN = /([a-z]+):(?:"([^"]*)"|(\S+))|"[^"]*"|\S+/g;
const VERDICT_WORDS: Readonly<Record<string, string>> = {
  allow: 'allow',
  allowed: 'allow',
  hold: 'hold',
  held: 'hold',
  deny: 'deny',
  denied: 'deny',
};
const DECISION_WORDS = ['pending', 'approved', 'denied', 'timed-out', 'cancelled', 'withdrawn', 'abandoned'];
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000 };

/** Reads the box. A name that is no facet is a word, such as one in a statement; of two values of a facet the last counts. */
export function termsOf(written: string): SearchTerms {
  const facets: Partial<Record<Facet, string>> = {};
  const words: string[] = [];
  for (const [token, name, quoted, plain] of written.matchAll(TOKEN)) {
    const facet = FACETS.find((known) => known === name);
    const value = quoted ?? plain;
    if (facet === undefined || value === undefined || value === '') words.push(token);
    else facets[facet] = value;
  }
  return { text: words.join(' '), facets };
}

/** The box for these terms: facets first, then the words. */
export function writtenTerms({ text, facets }: SearchTerms): string {
  const written = FACETS.flatMap((facet) => {
    const value = facets[facet]?.replaceAll('"', '');
    return value === undefined || value === '' ? [] : [`${facet}:${/\s/.test(value) ? `"${value}"` : value}`];
  });
  return [...written, ...(text === '' ? [] : [text])].join(' ');
}

/** The same terms with another value of a facet; without it where the value is empty. */
export function withFacet({ text, facets }: SearchTerms, facet: Facet, value: string): SearchTerms {
  const { [facet]: _before, ...others } = facets;
  return { text, facets: value === '' ? others : { ...others, [facet]: value } };
}

/** The query of the API, and which facets are not understood. */
export function searchQueryOf({ text, facets }: SearchTerms): {
  readonly query: SearchQuery;
  readonly faults: readonly FacetFault[];
} {
  const query: Record<string, string | number> = text === '' ? {} : { text };
  const faults: FacetFault[] = [];
  for (const facet of FACETS) {
    const value = facets[facet];
    if (value === undefined) continue;
    const [name, read, fault] = READERS[facet];
    const understood = read(value);
    if (understood === undefined) {
      if (fault !== undefined && !faults.includes(fault)) faults.push(fault);
    } else query[name] = understood;
  }
  return { query, faults };
}

type Reader = readonly [string, (value: string) => string | number | undefined, FacetFault?];

const asIs = (value: string): string => value;
const READERS: Readonly<Record<Facet, Reader>> = {
  agent: ['principal', asIs],
  sponsor: ['sponsor', asIs],
  target: ['target', asIs],
  table: ['table', asIs],
  kind: ['kind', asIs],
  verdict: ['verdict', (value) => VERDICT_WORDS[value.toLowerCase()], 'verdict'],
  decision: ['decision', (value) => DECISION_WORDS.find((word) => word === value.toLowerCase()), 'decision'],
  error: ['error', asIs],
  rows: ['rowsMin', rowsOf, 'rows'],
  took: ['durationMinMs', millisecondsOf, 'took'],
  from: ['from', timeOf, 'time'],
  to: ['to', timeOf, 'time'],
  task: ['task', asIs],
  grant: ['grant', (value) => (/^[0-9a-hjkmnp-tv-z]{26}$/.test(value) ? value : undefined), 'grant'],
};

/** `>100` is 101 or more; `>=100` and `100` are 100 or more. */
function rowsOf(value: string): number | undefined {
  const [, sign, digits] = /^(>=?)?(\d{1,15})$/.exec(value) ?? [];
  if (digits === undefined) return undefined;
  return Math.max(1, Number(digits) + (sign === '>' ? 1 : 0));
}

function millisecondsOf(value: string): number | undefined {
  const [, number, unit = 'ms'] = /^(?:>=?)?(\d{1,9}(?:\.\d{1,3})?)(ms|s|min)?$/.exec(value) ?? [];
  return number === undefined ? undefined : Math.max(1, Math.round(Number(number) * (UNIT_MS[unit] ?? 1)));
}

/** A date is midnight in UTC; a time has its zone, or is in UTC. */
function timeOf(value: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/.test(value))
    return undefined;
  const hasZone = /(?:Z|T.*[+-]\d{2}:\d{2})$/.test(value);
  const at = new Date(value.includes('T') && !hasZone ? `${value}Z` : value);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
