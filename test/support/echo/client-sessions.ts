import { z } from 'zod';
import {
  StatementFailure,
  type StatementResult,
  type StatementSessions,
  StatementsUnreadable,
} from '../../../src/protocol/statement-session.js';
import { connectEcho, type EchoClient } from './client.js';
import { VERBS } from './lines.js';
import { NO } from './wire.js';

const login = z.object({
  ECHO_HOST: z.string(),
  ECHO_PORT: z.coerce.number(),
  ECHO_NAME: z.string(),
  ECHO_SECRET: z.string(),
});

/** Sessions of `doorwarden exec` on echo servers. An answer is a row. */
export const ECHO_SESSIONS: StatementSessions = {
  statementsIn(text) {
    const lines = text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const strange = lines.find((line) => !VERBS.some((verb) => line.startsWith(`${verb} `)));
    if (strange !== undefined) throw new StatementsUnreadable(`Nobody says ${JSON.stringify(strange)} to an echo.`);
    return lines;
  },
  async open({ env }) {
    const { ECHO_HOST: host, ECHO_PORT: port, ECHO_NAME: username, ECHO_SECRET: password } = login.parse(env);
    const client = await connectEcho({ host, port, username, password });
    return {
      ask: (line) => answerTo(client, line),
      close: () => client.close(),
      destroy: () => void client.close(),
    };
  },
};

async function* answerTo(client: EchoClient, line: string): AsyncGenerator<StatementResult> {
  client.send(line);
  const answer = await client.answer();
  if (answer === undefined) throw new StatementFailure('The connection is gone.', null);
  if (answer.startsWith(NO)) throw new StatementFailure(answer, answer.split(' ')[1] ?? null);
  yield { kind: 'rows', columns: [{ name: 'answer', type: 'line', kind: 'text' }], rows: oneRow(answer) };
}

async function* oneRow(answer: string): AsyncGenerator<readonly (readonly Buffer[])[]> {
  yield [[Buffer.from(answer)]];
}
