import { expect, it } from 'vitest';
import { runnerOf } from '../../protocol/statement-runner.js';
import type { ToolCall } from '../tool.js';
import { runStatement } from './run-statement.js';

it('a whole number that JSON has not kept exactly is refused before anything is asked', async () => {
  const tool = runStatement(runnerOf([]), { protocols: [] });
  const ask = (json: string) => {
    const args: unknown = JSON.parse(`{"grant":"01m7ytqm8g9xt6m7ken4f6b9rz","sql":"SELECT ?","values":[${json}]}`);
    return tool.run(args, {} as ToolCall);
  };
  await expect(ask('9007199254740993')).rejects.toMatchObject({ code: 'request_invalid' });
  await expect(ask('1e400')).rejects.toMatchObject({ code: 'request_invalid' });
  await expect(ask('9007199254740991')).rejects.not.toMatchObject({ code: 'request_invalid' });
});
