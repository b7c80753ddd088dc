import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSharedBroker } from '../support/shared-broker.js';
import { RawClient } from '../support/clients/raw.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { type TestTarget, makeTarget, openTask } from '../support/task.js';
import { PROLOGUES } from './prologue-texts.js';

// With the policies that every installation begins with, and nobody there who approves.
const broker = useSharedBroker('default');

describe.each(engines())('on $flavour $version, with the default policies and no approver', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, {
      schema: ['CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(20))', "INSERT INTO item VALUES (1, 'a')"],
    });
  });
  afterAll(() => target?.drop());

  const prologues = PROLOGUES.filter(({ flavour }) => flavour === undefined || flavour === engine.flavour);

  test('the connect prologues of clients and tools run unheld, and are answered as they are directly', async () => {
    const task = await openTask(broker(), target);
    for (const { tool, texts } of prologues) {
      const direct = await RawClient.logIn({ ...rootLogin(engine), database: target.database });
      const client = await RawClient.logIn(task.login);
      for (const text of texts) {
        const expected = (await direct.query(text)).error?.errno;
        expect((await client.query(text)).error?.errno, `${tool}: ${text}`).toBe(expected);
      }
      direct.end();
      client.end();
    }
    const recorded = await task.close();
    const verdicts = recorded.statements.filter(({ entry }) => entry.verdict !== 'allow');
    expect(verdicts.map(({ text }) => text.toString())).toEqual([]);
  });
});
