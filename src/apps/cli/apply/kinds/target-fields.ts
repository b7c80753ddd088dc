import { isDeepStrictEqual } from 'node:util';
import type { TargetView } from '../../../../contracts/grants/target.js';
import { defaultTlsMode } from '../../../../domain/target.js';
import type { TargetSpec } from '../apply-document.js';

const NAMES = [
  'protocol',
  'host',
  'port',
  'tls',
  'username',
  'credentials',
  'defaultDatabase',
  'labels',
  'limits',
] as const;

/** The settings of a target as a document has them, in one order; what has no value is absent. */
export type TargetFields = Readonly<Partial<Record<(typeof NAMES)[number], unknown>>>;

/** The settings of a target that is there. */
export function fieldsOf(target: TargetView): TargetFields {
  const { tls, limits, defaultDatabase, labels, ...rest } = target;
  return ordered({
    ...rest,
    tls: withoutNothing(tls),
    limits: withoutNothing(limits),
    defaultDatabase: defaultDatabase ?? undefined,
    labels: Object.keys(labels).length === 0 ? undefined : labels,
  });
}

/**
 * What the settings become by a document: what it does not name stays, and of the limits each by itself; null takes a value
 * away. With another host TLS is the default of that host, unless the document says it: so does the API.
 */
export function wantedFields(before: TargetFields, spec: TargetSpec): TargetFields {
  const { passwordFrom: _, limits, labels, tls, ...named } = spec;
  const isMoved = before.host !== undefined && before.host !== spec.host;
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  const wantedTls =
    tls === undefined ? (isMoved ? { mode: defaultTlsMode(spec.host) } : before.tls) : withoutNothing(tls);
  const wantedLimits = limits === undefined ? before.limits : withoutNothing({ ...Object(before.limits), ...limits });
  const wantedLabels = labels === undefined ? before.labels : Object.keys(labels).length === 0 ? undefined : labels;
  return ordered({ ...before, ...given, tls: wantedTls, labels: wantedLabels, limits: wantedLimits });
}

/** What a change has to say; null for what is taken away. */
export function patchOf(before: TargetFields, after: TargetFields): Readonly<Record<string, unknown>> {
  const changed = NAMES.filter((name) => !isDeepStrictEqual(before[name], after[name]));
  return Object.fromEntries(
    changed.map((name) => {
      if (name === 'limits') return [name, changedValues(before.limits, after.limits)];
      return [name, after[name] ?? (name === 'labels' ? {} : null)];
    }),
  );
}

/** The broker forgets a password that was for another place or account. */
export function wantsPasswordAgain(before: TargetFields, after: TargetFields): boolean {
  return (['host', 'port', 'tls', 'username'] as const).some((name) => !isDeepStrictEqual(before[name], after[name]));
}

function changedValues(before: unknown, after: unknown): object {
  const [old, young] = [
    new Map<string, unknown>(Object.entries(Object(before))),
    new Map<string, unknown>(Object.entries(Object(after))),
  ];
  const names = [...new Set([...old.keys(), ...young.keys()])];
  return Object.fromEntries(
    names
      .filter((name) => !isDeepStrictEqual(old.get(name), young.get(name)))
      .map((name) => [name, young.get(name) ?? null]),
  );
}

function ordered(fields: object): TargetFields {
  const known = new Map<string, unknown>(Object.entries(fields));
  return Object.fromEntries(
    NAMES.filter((name) => known.get(name) !== undefined && known.get(name) !== null).map((name) => [
      name,
      known.get(name),
    ]),
  );
}

function withoutNothing(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined && field !== null));
}
