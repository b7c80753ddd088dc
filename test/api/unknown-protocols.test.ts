import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { callApi, type ApiCall } from '../../src/client/api-call.js';
import { problemOf } from '../support/http.js';
import { servers } from '../support/engines.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';

const broker = useSharedBroker();

describe('a target whose protocol this build does not know, as after going back a version', () => {
  let state: DataSource;
  let target: TestTarget;
  let task: Task;

  beforeAll(async () => {
    state = await createStateSource(broker().stateDatabaseUrl).initialize();
    target = await makeTarget(broker(), servers().mariadb, { schema: ['CREATE TABLE things (id INT PRIMARY KEY)'] });
    task = await openTask(broker(), target);
    await task.close();
    await state.query("UPDATE targets SET protocol = 'gopher' WHERE name = ?", [target.name]);
    await state.query("UPDATE grants SET protocol = 'gopher', access = ? WHERE id = ?", ['[{"menu":"/"}]', task.id]);
  });
  afterAll(async () => {
    await state?.query("UPDATE targets SET protocol = 'mysql'");
    await state?.query("UPDATE grants SET protocol = 'mysql', access = ? WHERE id = ?", ['[]', task?.id]);
    await state?.destroy();
    await target?.drop();
  });

  const as = (who: 'operator' | 'agent' | 'reviewer', path: string, options: ApiCall = {}) =>
    callApi(broker().api, path, { key: broker().keys[who], ...options });

  it('is listed and shown, and so are its grants and recordings', async () => {
    const limits = { ttlSecondsMax: expect.any(Number), sessionsMax: expect.any(Number) };
    const shown = { name: target.name, protocol: 'gopher', limits: expect.objectContaining(limits) };
    expect((await as('operator', '/v1/targets')).body).toMatchObject({ items: [shown] });
    expect((await as('operator', `/v1/targets/${target.name}`)).body).toMatchObject(shown);
    const grant = { id: task.id, protocol: 'gopher', access: [{ menu: '/' }] };
    expect((await as('agent', '/v1/grants?protocol=gopher')).body).toMatchObject({ items: [grant] });
    expect((await as('agent', `/v1/grants?protocol=mysql&target=${target.name}`)).body).toMatchObject({ items: [] });
    expect((await as('agent', `/v1/grants/${task.id}`)).body).toMatchObject({ ...grant, outlook: null });
    const recordings = (await as('reviewer', '/v1/recordings?protocol=gopher')).body;
    expect(recordings).toMatchObject({ items: [{ grantId: task.id, protocol: 'gopher' }] });
  });

  it.each<[string, 'operator' | 'agent', string, ApiCall]>([
    ['asking for a grant', 'agent', '/v1/grants', { method: 'POST', body: { task: { title: 'x' }, ttlSeconds: 60 } }],
    ['trying a statement', 'operator', '/v1/policies/try', { method: 'POST', body: { statement: 'SELECT 1' } }],
  ])('cannot be used: %s says so, and names what is known', async (_, who, path, { body, ...options }) => {
    const answer = await as(who, path, { ...options, body: { ...Object(body), target: target.name } });
    expect(problemOf(answer)).toMatchObject({
      status: 422,
      code: 'protocol_unknown',
      detail: 'It is "gopher"; known are: mysql.',
    });
  });

  it('cannot be changed, and can be deleted', async () => {
    const changed = await as('operator', `/v1/targets/${target.name}`, { method: 'PATCH', body: { labels: {} } });
    expect(problemOf(changed)).toMatchObject({ status: 422, code: 'protocol_unknown' });
    const deleted = await as('operator', `/v1/targets/${target.name}`, { method: 'DELETE' });
    expect(deleted.status).toBe(204);
  });

  it('cannot be registered', async () => {
    const { host, port } = servers().mariadb;
    const body = { name: 'gopher-hole', host, port, username: 'x', password: 'x' };
    const register = (protocol: string) =>
      as('operator', '/v1/targets', { method: 'POST', body: { ...body, protocol } });
    expect(problemOf(await register('gopher'))).toMatchObject({
      status: 422,
      code: 'protocol_unknown',
      detail: 'It is "gopher"; known are: mysql.',
    });
    expect(problemOf(await register('My SQL'))).toMatchObject({
      status: 400,
      code: 'request_invalid',
      errors: [{ path: 'protocol' }],
    });
  });
});
