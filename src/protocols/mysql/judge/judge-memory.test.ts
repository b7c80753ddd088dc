import { describe, expect, it } from 'vitest';
import { analyse } from '../sql/analyse.js';
import { dialectOf } from '../sql/text/dialect.js';
import { JudgeMemory } from './judge-memory.js';
import type { JudgedStatement, Judgement, SessionScene } from './judgement.js';

const dialect = dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: '' });
const sceneOf = (database: string): SessionScene => ({
  database,
  dialect,
  inTransaction: false,
  locksReads: false,
  characterSet: 'utf8mb4',
  narrowedTo: null,
});
const statementOf = (text: string, scene: SessionScene): JudgedStatement => ({
  command: 'COM_QUERY',
  bytes: Buffer.from(text),
  analysed: Buffer.from(text),
  text,
  values: undefined,
  scene,
});
const judgementOf = (text: string): Judgement => ({
  verdict: 'allow',
  policies: [],
  hold: null,
  why: '',
  ...analyse(Buffer.from(text), dialect, 'shop'),
  missing: [],
  outside: [],
  effect: undefined,
  policyVersion: 'x',
  refusal: 'statement_denied',
});

describe('what was judged', () => {
  it('is found again by its shape, in a scene that is the same', () => {
    const memory = new JudgeMemory();
    const judgement = judgementOf('SELECT 1');
    memory.keep(statementOf('SELECT 1', sceneOf('shop')), 'select ?', judgement);
    expect(memory.of(sceneOf('shop')).shape('select ?')).toBe(judgement);
    expect(memory.of(sceneOf('elsewhere')).shape('select ?')).toBeUndefined();
    expect(memory.of({ ...sceneOf('shop'), characterSet: 'latin1' }).shape('select ?')).toBeUndefined();
    memory.clear();
    expect(memory.of(sceneOf('shop')).shape('select ?')).toBeUndefined();
  });

  it('is forgotten when there is too much of it, over all scenes', () => {
    const memory = new JudgeMemory();
    const judgement = judgementOf('SELECT 1');
    const first = sceneOf('first');
    memory.keep(statementOf('SELECT 1', first), 'select ?', judgement);
    let found = 0;
    for (let count = 0; count < 10_000; count += 1) {
      const scene = sceneOf(`database ${count}`);
      memory.keep(statementOf('SELECT 1', scene), `select ? ${count}`, judgement);
      if (memory.of(scene).shape(`select ? ${count}`) === judgement) found += 1;
    }
    expect(found).toBe(10_000);
    expect(memory.of(first).shape('select ?')).toBeUndefined();
  });

  it('is not kept when it is heavy', () => {
    const memory = new JudgeMemory();
    const text = `SELECT ${Array.from({ length: 900 }, (_, index) => `c${index}`).join(', ')} FROM t`;
    const scene = sceneOf('shop');
    memory.keep(statementOf(text, scene), 'a long one', judgementOf(text));
    expect(memory.of(scene).shape('a long one')).toBeUndefined();
  });
});
