import { describe, expect, test } from 'vitest';
import { useBroker } from '../support/broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { engines } from '../support/engines.js';
import { NOTHING_LEFT, makeTarget, openTask, tracesOf } from '../support/task.js';

const broker = useBroker();

describe.each(engines())('a task account on $flavour $version', (engine) => {
  test('smoke', async () => {
    const target = await makeTarget(broker(), engine, { schema: ['CREATE TABLE a (id INT PRIMARY KEY)', 'INSERT INTO a VALUES (1)'] });
    const task = await openTask(broker(), target);
    const [rows] = await withMysql2(task.tlsLogin, (c) => c.query('SELECT id FROM a'));
    expect(rows).toEqual([{ id: 1 }]);
    const recorded = await task.close();
    console.log(JSON.stringify(recorded.entries, null, 1).slice(0, 3000));
    expect(recorded.texts).toEqual(['SELECT id FROM a']);
    expect(recorded.statements[0]?.response?.results).toMatchObject([{ kind: 'rows', rows: [['1']] }]);
    expect(await tracesOf(target, task.login.user)).toEqual(NOTHING_LEFT);
  });
});
