import type { TargetView } from '../../contracts/grants/target.js';
import { limitsOf } from './target-limits.js';

/** The fields of the form, all as texts, so that nothing that somebody types is lost. */
export interface TargetDraft {
  readonly name: string;
  readonly host: string;
  readonly port: string;
  /** Empty: the usual one for the host. */
  readonly tlsMode: string;
  readonly ca: string;
  readonly serverName: string;
  readonly username: string;
  readonly password: string;
  readonly credentials: string;
  readonly defaultDatabase: string;
  readonly labels: string;
  readonly ttlSecondsMax: string;
  readonly sessionsMax: string;
  readonly privileges: string;
  readonly databases: string;
}

/** What each group of fields is given. */
export interface FieldGroupProps {
  readonly draft: TargetDraft;
  readonly change: (changed: Partial<TargetDraft>) => void;
  readonly faults: ReadonlyMap<string, string>;
  readonly isNew: boolean;
}

export const EMPTY_TARGET: TargetDraft = {
  name: '',
  host: '',
  port: '',
  tlsMode: '',
  ca: '',
  serverName: '',
  username: '',
  password: '',
  credentials: 'dynamic',
  defaultDatabase: '',
  labels: '',
  ttlSecondsMax: '3600',
  sessionsMax: '16',
  privileges: 'SELECT, INSERT, UPDATE, DELETE',
  databases: '',
};

/** The form as it stands for a target that is there; its password is nowhere to be read. */
export function draftOf(target: TargetView): TargetDraft {
  const { ttlSecondsMax, sessionsMax, privileges, databases } = limitsOf(target);
  return {
    name: target.name,
    host: target.host,
    port: String(target.port),
    tlsMode: target.tls.mode,
    ca: target.tls.ca ?? '',
    serverName: target.tls.serverName ?? '',
    username: target.username,
    password: '',
    credentials: target.credentials,
    defaultDatabase: target.defaultDatabase ?? '',
    labels: Object.entries(target.labels)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
    ttlSecondsMax: String(ttlSecondsMax),
    sessionsMax: String(sessionsMax),
    privileges: privileges.join(', '),
    databases: databases?.join(', ') ?? '',
  };
}

/** What the API is sent to register it. The API says what is wrong with it. */
export function registrationOf(draft: TargetDraft): object {
  const databases = listIn(draft.databases);
  return {
    name: draft.name.trim(),
    host: draft.host.trim(),
    ...(draft.port.trim() === '' ? {} : { port: Number(draft.port) }),
    ...(draft.tlsMode === '' ? {} : { tls: tlsIn(draft) }),
    username: draft.username,
    password: draft.password,
    credentials: draft.credentials,
    ...(draft.defaultDatabase === '' ? {} : { defaultDatabase: draft.defaultDatabase }),
    labels: labelsIn(draft.labels),
    limits: { ...limitsIn(draft), ...(databases.length === 0 ? {} : { databases }) },
  };
}

/** What the API is sent to make of the target what the form says: only what is another. */
export function changeOf(draft: TargetDraft, target: TargetView): Readonly<Record<string, unknown>> {
  const before = draftOf(target);
  const differs = (...names: readonly (keyof TargetDraft)[]) => names.some((name) => draft[name] !== before[name]);
  const databases = listIn(draft.databases);
  return {
    ...(differs('host') ? { host: draft.host.trim() } : {}),
    ...(differs('port') ? { port: Number(draft.port) } : {}),
    ...(differs('tlsMode', 'ca', 'serverName') && draft.tlsMode !== '' ? { tls: tlsIn(draft) } : {}),
    ...(differs('username') ? { username: draft.username } : {}),
    ...(draft.password === '' ? {} : { password: draft.password }),
    ...(differs('credentials') ? { credentials: draft.credentials } : {}),
    ...(differs('defaultDatabase')
      ? { defaultDatabase: draft.defaultDatabase === '' ? null : draft.defaultDatabase }
      : {}),
    ...(differs('labels') ? { labels: labelsIn(draft.labels) } : {}),
    ...(differs('ttlSecondsMax', 'sessionsMax', 'privileges', 'databases')
      ? { limits: { ...limitsIn(draft), databases: databases.length === 0 ? null : databases } }
      : {}),
  };
}

function tlsIn({ tlsMode, ca, serverName }: TargetDraft): object {
  return {
    mode: tlsMode,
    ...(ca.trim() === '' ? {} : { ca }),
    ...(serverName.trim() === '' ? {} : { serverName: serverName.trim() }),
  };
}

function limitsIn({ ttlSecondsMax, sessionsMax, privileges }: TargetDraft): object {
  return {
    ttlSecondsMax: Number(ttlSecondsMax),
    sessionsMax: Number(sessionsMax),
    privileges: listIn(privileges).map((privilege) => privilege.toUpperCase()),
  };
}

function listIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** `env=prod` a line; a line without `=` is a label with an empty value. */
function labelsIn(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.indexOf('=');
      return end === -1 ? [line.trim(), ''] : [line.slice(0, end).trim(), line.slice(end + 1).trim()];
    }),
  );
}
