import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ECHO_CLIENT } from '../../../../test/support/echo/client-words.js';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { keepToConventions } from '../terminal/conventions.js';
import { plainRunCall, type RunCall } from './plain-run-call.js';
import { runProgramCommand } from './run.js';
import type { RunOptions } from './run-work.js';

/** What the whole command line makes of the words; undefined where it refuses them, or tells of help. */
async function parsedCall(
  words: readonly string[],
  protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS,
): Promise<RunCall | undefined> {
  let call: RunCall | undefined;
  const command = keepToConventions(runProgramCommand({}, protocols))
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .exitOverride()
    .action((program: readonly string[], options: RunOptions) => {
      call = { program, options };
    });
  await command.parseAsync(words, { from: 'user' }).catch(() => undefined);
  return call;
}

const NAMES = '--target --task --reference --read --write --access --ttl --on-hold --api --profile --json'.split(' ');
const ODD = '-- - --help -h --targ --target=shop --no-json --constructor --__proto__ -x'.split(' ');
const VALUES = ['A test', '', ...'shop orders shop.* 10m 2d 0s error wait [{}] [] {"a":1} x'.split(' ')];

it.each([
  [['--target', 'shop', '--task', 'A test', '--', 'true']],
  [['--task', 'A test', '--json', '--target', 'shop', '--', 'sh', '-c', 'exit 5', '--', '--json']],
  [
    [
      '--target',
      'shop',
      '--task',
      't',
      '--read',
      'a',
      'b',
      '--write',
      'c',
      '--ttl',
      '45s',
      '--',
      'true',
      '--ttl',
      '1s',
    ],
  ],
  [['--target', 'shop', '--task', 't', '--access', '[{"database":"shop"}]', '--on-hold', 'error', '--', 'true']],
  [['--target', 'shop', '--task', 't', '--reference', 'J-1', '--api', 'http://x', '--profile', 'p', '--', 'true']],
])('a plain call is read as the whole command line reads it: %j', async (words) => {
  const call = plainRunCall(words);
  expect(call).toBeDefined();
  expect(call).toEqual(await parsedCall(words));
});

const FRAMES = [
  [
    ['--target', 'shop', '--task', 'A test'],
    ['--', 'true'],
  ],
  [
    ['--target', 'shop'],
    ['--task', 't', '--', 'sh', '-c', 'x'],
  ],
  [[], ['--target', 'shop', '--task', 't', '--', '--', 'x']],
  [[], []],
] as const;
const GROUPS = [
  '--reference J-1',
  '--read orders shop.*',
  '--read a',
  '--write x',
  '--json',
  '--access [{}]',
  '--access []',
  '--ttl 10m',
  '--ttl 2d',
  '--on-hold error',
  '--on-hold x',
  '--api http://x',
  '--profile p',
  '--target x',
].map((group) => group.split(' '));

it('whatever else is read plainly is read in the same way, and the rest is left to the command line', async () => {
  const word = fc.constantFrom(...NAMES, ...ODD, ...VALUES);
  const likely = fc.array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...GROUPS) }, word), { maxLength: 6 });
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...FRAMES), likely, async ([before, after], groups) => {
      const words = [...before, ...groups.flat(), ...after];
      const call = plainRunCall(words);
      if (call === undefined) return;
      plain += 1;
      expect(call, JSON.stringify(words)).toEqual(await parsedCall(words));
    }),
    { numRuns: 1_000 },
  );
  expect(plain).toBeGreaterThan(50);
});

it.each([
  [['--help']],
  [['--target', 'shop', '--', 'true']],
  [['--target', 'shop', '--task', 't', 'true']],
  [['--target', 'shop', '--task', 't', '--']],
  [['--target=shop', '--task', 't', '--', 'true']],
  [['--target', 'a', '--target', 'b', '--task', 't', '--', 'true']],
  [['--target', 'shop', '--task', 't', '--ttl', '2d', '--', 'true']],
  [['--target', 'shop', '--task', 't', '--access', '[]', '--', 'true']],
  [['--target', 'shop', '--task', 't', '--access', '[{}]', '--read', 'a', '--', 'true']],
])('what is wrong or written in another way is left to the command line: %j', (words) => {
  expect(plainRunCall(words)).toBeUndefined();
});

it('options of a protocol more in the list are read as the whole command line reads them', async () => {
  const protocols = [...CLIENT_PROTOCOLS, ECHO_CLIENT];
  const words = '--target parrot --task t --room hall lobby --read orders -- true'.split(' ');
  const call = plainRunCall(words, protocols);
  expect(call?.options).toMatchObject({ room: ['hall', 'lobby'], read: ['orders'] });
  expect(call).toEqual(await parsedCall(words, protocols));
});
