import { isOperation, type EntryLine } from '../replay/entries/entry-line.js';

export interface OpenSession {
  readonly session: number;
  readonly at: string;
  /** `127.0.0.1:40312` */
  readonly client: string;
  readonly tls: string | null;
  /** The last statement of the session, while it has no answer. */
  readonly running: EntryLine | undefined;
}

/** The sessions that are open, by the entries of their beginnings and ends, each with what it does by the last entries. */
export function openSessions(sessions: readonly EntryLine[], last: readonly EntryLine[]): readonly OpenSession[] {
  const closed = new Set(sessions.flatMap(({ type, session }) => (type === 'session.closed' ? [session] : [])));
  return sessions.flatMap(({ type, session, at, raw }) => {
    if (type !== 'session.opened' || session === null || closed.has(session)) return [];
    return [{ session, at, client: clientOf(raw), tls: tlsOf(raw), running: runningIn(session, last) }];
  });
}

function runningIn(session: number, last: readonly EntryLine[]): EntryLine | undefined {
  const statement = last.findLast((line) => line.session === session && isOperation(line));
  if (statement === undefined || statement.verdict === 'deny') return undefined;
  const isAnswered = last.some(({ type, operation }) => type === 'result' && operation === statement.operation);
  return isAnswered ? undefined : statement;
}

function clientOf({ client }: EntryLine['raw']): string {
  const [address, port] = ['address', 'port'].map((field) => String(Reflect.get(Object(client), field) ?? '?'));
  return `${address}:${port}`;
}

function tlsOf({ tls }: EntryLine['raw']): string | null {
  if (typeof tls !== 'object' || tls === null) return null;
  return ['version', 'cipher'].map((field) => String(Reflect.get(tls, field) ?? '')).join(' ');
}
