import { describe, expect, it } from 'vitest';
import { entryLine } from '../replay/entries/entry-line.js';
import { openSessions } from './open-sessions.js';

const client = { address: '127.0.0.1', port: 4_000 };
const tls = { version: 'TLSv1.3', cipher: 'AES' };
const lines = (...raw: readonly Readonly<Record<string, unknown>>[]) => raw.map((one) => entryLine(one, null));
const OPENED = [
  { seq: 2, type: 'session.opened', session: 1, client, tls: null },
  { seq: 3, type: 'session.opened', session: 2, client, tls },
  { seq: 9, type: 'session.closed', session: 1 },
];

describe('the sessions that are open', () => {
  it('are those without an end, with where they come from', () => {
    expect(openSessions(lines(...OPENED), [])).toEqual([
      { session: 2, at: '', client: '127.0.0.1:4000', tls: 'TLSv1.3 AES', running: undefined },
    ]);
  });

  it('run the last statement that has no answer and was not denied', () => {
    const statement = { seq: 12, type: 'operation', session: 2, operation: 5, verdict: 'hold' };
    const [running] = openSessions(lines(...OPENED), lines(statement));
    expect(running?.running).toMatchObject({ seq: 12, verdict: 'hold' });
    const answer = { seq: 13, type: 'result', session: 2, operation: 5 };
    expect(openSessions(lines(...OPENED), lines(statement, answer))[0]?.running).toBeUndefined();
    expect(openSessions(lines(...OPENED), lines({ ...statement, verdict: 'deny' }))[0]?.running).toBeUndefined();
  });
});
