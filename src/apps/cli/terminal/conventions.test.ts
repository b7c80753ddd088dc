import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../../../client/api-client.js';
import { completionFor } from './completion.js';
import { UsageFailure } from './conventions.js';
import { paintFor, PLAIN } from './paint.js';
import { shortIds, theOne, wholeId } from './short-id.js';

const ONE = '01m7ytqm8g9xt6m7ken4f6b9rz';
const TWO = '01m7ytqm8g9xz6m7ken4f6b9rz';

describe('short ids', () => {
  const asked: string[] = [];
  const api = (ids: readonly string[]): Pick<ApiClient, 'get'> => ({
    get: (path, view) => {
      asked.push(path);
      const read = view.safeParse({ items: ids.map((id) => ({ id })), next: null });
      return read.success ? Promise.resolve(read.data) : Promise.reject(new Error(read.error.issues[0]?.message));
    },
  });

  it('are whole ids where one begins so, found by the order of the list', async () => {
    expect(await wholeId(api([ONE, '01m7xxxxxxxxxxxxxxxxxxxxxx']), '/v1/approvals', '01M7YTQM')).toBe(ONE);
    expect(asked.pop()).toBe('/v1/approvals?limit=6&cursor=01m7ytqmzzzzzzzzzzzzzzzzzz');
    expect(await wholeId(api([]), '/v1/approvals', ONE)).toBe(ONE);
    expect(asked).toEqual([]);
  });

  it.each([
    ['none', [], '01m7y', 'No id begins with "01m7y".'],
    ['several', [ONE, TWO], '01m7y', `Several ids begin with "01m7y": ${ONE}, ${TWO}. Type more of it.`],
    ['anything, being too short', [ONE], '01m', 'Type at least 4 characters of an id, not "01m".'],
  ])('are refused where they fit %s', async (_, ids, typed, why) => {
    await expect(wholeId(api(ids), '/v1/grants', typed)).rejects.toThrow(new UsageFailure(why));
    expect(() => theOne(typed, ids)).toThrow(why);
  });

  it('are shown as long as it takes to tell them apart', () => {
    expect([...shortIds([ONE, TWO]).values()]).toEqual(['01m7ytqm8g9xt', '01m7ytqm8g9xz']);
    expect([...shortIds([ONE, ONE]).values()]).toEqual(['01m7ytqm8g9x']);
  });
});

it('there are colours on a terminal only, and not with NO_COLOR or TERM=dumb', () => {
  const terminal = Object.assign(Object.create(process.stdout), { isTTY: true });
  const file = Object.assign(Object.create(process.stdout), { isTTY: false });
  expect(paintFor(terminal, { TERM: 'xterm' }).bad('x')).toBe('\u001b[1m\u001b[31mx\u001b[39m\u001b[22m');
  expect(paintFor(terminal, { TERM: 'xterm', NO_COLOR: '1' })).toBe(PLAIN);
  expect(paintFor(terminal, { TERM: 'dumb' })).toBe(PLAIN);
  expect(paintFor(file, { TERM: 'xterm' })).toBe(PLAIN);
});

it('the completion of each shell knows every command and option', () => {
  const program = new Command('doorwarden').addCommand(
    new Command('approvals').addCommand(new Command('list').option('--state <state>')),
  );
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const script = completionFor(shell, program);
    expect(script).toMatch(/'approvals list'[\s\S]*--state --help/);
  }
  // Options would be taken for its own by most that prints words in fish.
  expect(completionFor('fish', program)).toContain("case 'approvals list'\n      printf '%s\\n' --state --help\n");
});
