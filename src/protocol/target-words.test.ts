import { expect, it } from 'vitest';
import { ECHO_WORDS } from '../../test/support/echo/client-words.js';
import { ANY_TARGET, targetWordsOf } from './target-words.js';

const SHELVES = { ...ECHO_WORDS, aTarget: 'a library', theTarget: 'the library', targets: 'libraries' };

it('are those of the protocols where they share them, and true of any target where there is none', () => {
  expect(targetWordsOf([ECHO_WORDS, ECHO_WORDS])).toBe(ECHO_WORDS);
  expect(targetWordsOf([])).toBe(ANY_TARGET);
});

it('name what each protocol calls its own, each word once', () => {
  const hosts = { ...ANY_TARGET, aTarget: 'a host', targets: 'hosts', operation: 'command', listed: ['system'] };
  expect(targetWordsOf([ECHO_WORDS, SHELVES, hosts])).toMatchObject({
    aTarget: 'an echo server, a library or a host',
    theTarget: 'the target',
    targets: 'echo servers, libraries and hosts',
    operation: 'line or command',
    operations: 'lines and operations',
    listed: ['system'],
  });
});
