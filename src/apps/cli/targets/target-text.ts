import type { AnyTargetView } from '../../../contracts/grants/target.js';
import { type Field, fieldLines } from '../terminal/field-lines.js';
import { secondsOf } from '../terminal/past-time.js';

/** Which server it is, as the broker last saw it. */
export function serverText({ report }: AnyTargetView): string | null {
  return report === null ? null : `${report.flavour} ${report.version}`;
}

/** Everything that the caller may know of a target. */
export function targetText(target: AnyTargetView): string {
  const { name, protocol, defaultDatabase, labels, report } = target;
  return fieldLines([
    ['name', name],
    ['protocol', protocol],
    ['server', serverText(target)],
    ['database', defaultDatabase],
    ['labels', entriesText(labels)],
    ...limitFields(target.limits),
    ['seen at', secondsOf(report?.checkedAt ?? null)],
    ['who asks for it', target.asking?.words ?? null],
    ['runs and waits', target.asking?.outlook?.words ?? null],
    ...('host' in target ? operatorFields(target) : []),
  ]);
}

/** Which limits there are, the protocol says. */
function limitFields(limits: object): readonly Field[] {
  return Object.entries(limits).map(([name, value]: readonly [string, unknown]) => [
    `limit ${name}`,
    Array.isArray(value) ? value.map(plainText).join(', ') : plainText(value),
  ]);
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function operatorFields(target: Extract<AnyTargetView, { readonly host: string }>): readonly Field[] {
  const { host, port, tls, credentials, username, hasCredential, lastLook, openTasks, warnings } = target;
  return [
    ['at', `${host}:${port}`],
    ['TLS', [tls.mode, tls.serverName].filter((part) => part !== undefined).join(', ')],
    ['account', `${username} (${credentials}${hasCredential ? '' : ', no password is stored'})`],
    ['last look', lastLook === null ? 'nobody has looked' : lookText(lastLook)],
    ['open grants', String(openTasks)],
    ...warnings.map(({ text }): Field => ['warning', text]),
  ];
}

function lookText({ at, code, what }: { at: string; code: string | null; what: string | null }): string {
  return code === null ? `good at ${secondsOf(at)}` : `${what ?? ''} (${code}) at ${secondsOf(at)}`;
}

function entriesText(record: Readonly<Record<string, string>>): string {
  return Object.entries(record)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
