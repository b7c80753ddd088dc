import { expect, it } from 'vitest';
import type { PrincipalId } from '../../kernel/brand.js';
import type { StatementOutcome, StatementRunner } from '../../protocol/statement-runner.js';
import { STATEMENTS_MAX, STATEMENTS_OF_PRINCIPAL_MAX, StatementPlaces } from './statement-places.js';

const DONE: StatementOutcome = { kind: 'done', affectedRows: '0', insertId: null, warnings: 0 };
type Asked = Parameters<StatementRunner['run']>;

it('one principal runs some statements at once, all of them some more, and a place that is free is given again', async () => {
  const { promise: end, resolve: ends } = Promise.withResolvers<StatementOutcome>();
  const runner: StatementRunner = {
    knows: () => true,
    words: [],
    run: () => end,
    describe: () => Promise.reject(new Error('none')),
  };
  const places = new StatementPlaces();
  const run = (principal: number) =>
    places.runnerFor(String(principal) as PrincipalId, runner).run(...([] as unknown as Asked));
  const refused = { code: 'too_many_requests' };

  const running = Array.from({ length: STATEMENTS_OF_PRINCIPAL_MAX }, () => run(0));
  await expect(run(0)).rejects.toMatchObject(refused);
  for (let other = 0; running.length < STATEMENTS_MAX; other += 1) {
    running.push(run(1 + Math.floor(other / STATEMENTS_OF_PRINCIPAL_MAX)));
  }
  await expect(run(999)).rejects.toMatchObject(refused);

  ends(DONE);
  await Promise.all(running);
  expect(await run(0)).toEqual(DONE);
  await expect(
    places
      .runnerFor('0' as PrincipalId, runner)
      .describe(...([] as unknown as Parameters<StatementRunner['describe']>)),
  ).rejects.toThrow('none');
  expect(await Promise.all(Array.from({ length: STATEMENTS_OF_PRINCIPAL_MAX }, () => run(0)))).toHaveLength(8);
});
