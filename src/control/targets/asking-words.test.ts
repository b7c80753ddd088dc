import { expect, it } from 'vitest';
import { askingWords, type JudgedWay } from './asking-words.js';

const inWords = (rule: object): string => JSON.stringify(rule);
const way = (over: Partial<JudgedWay> = {}): JudgedWay => ({
  access: [{ room: 'lobby' }],
  verdict: 'allow',
  why: '',
  hold: null,
  ...over,
});

it('says what a request without access gets, what the most is, and what the statements meet', () => {
  const access = [{ room: 'lobby' }, { room: 'cellar' }];
  const everything = way({
    access,
    verdict: 'hold',
    why: 'It is deep.',
    hold: { approvers: ['dba'], holdSeconds: 600 },
  });
  const words = askingWords({
    withoutAccess: way(),
    everything,
    outlook: { words: 'Runs at once: talk.', rules: 2 },
    inWords,
  });
  expect(words).toBe(
    'A request without access gets {"room":"lobby"}, and opens at once. The most that one may ask for is {"room":"lobby"}; {"room":"cellar"}; that waits for a person of dba first (people have 600 seconds). Its statements: Runs at once: talk.',
  );
});

it('says why a request would be refused, and where access must be named', () => {
  const denied = way({ verdict: 'deny', why: 'Nobody enters at night.' });
  expect(askingWords({ withoutAccess: null, everything: denied, outlook: null, inWords })).toBe(
    'A request must name its access. The most that one may ask for is {"room":"lobby"}; that is refused (Nobody enters at night).',
  );
});

it('says when only the first rules of access were looked at', () => {
  const everything = way({ access: [{ room: 'lobby' }, { room: 'cellar' }] });
  const words = askingWords({
    withoutAccess: way(),
    everything,
    outlook: { words: 'Runs at once: talk.', rules: 1 },
    inWords,
  });
  expect(words).toContain('Its statements, by the first 1 of these: Runs at once: talk.');
});
