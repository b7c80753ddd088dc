import { beforeAll, describe, expect, it } from 'vitest';
import { documentedTable, table } from '../../../test/support/idp/case-table.js';
import { type SamlKeys, makeSamlKeys } from '../../../test/support/idp/lying-saml.js';
import type { SamlCase } from '../../../test/support/idp/saml-case.js';
import { SAML_CASES } from '../../../test/support/idp/saml-cases.js';
import { play, playBoth } from '../../../test/support/idp/saml-play.js';
import { OneTimeMemory } from '../one-time-store.fixture.js';
import { SAML_CHECKS } from './saml-check.js';

/** Those that no document alone can show: `finish-saml.test.ts` does. */
const SHOWN_ELSEWHERE = ['saml_replayed'];

let keys: SamlKeys;
/** What became of each case of which the library alone is asked too, by its id: both take the same answer. */
const outcomes = new Map<string, ReturnType<typeof playBoth>>();

beforeAll(async () => {
  keys = await makeSamlKeys();
});

function bothOf(played: SamlCase): ReturnType<typeof playBoth> {
  const outcome = outcomes.get(played.id) ?? playBoth(played, keys, new OneTimeMemory());
  outcomes.set(played.id, outcome);
  return outcome;
}

describe('what the browser brings from a SAML provider', () => {
  it.each(SAML_CASES)('$id, $what: $outcome', async (played) => {
    const isAlone = played.alone !== 'not asked';
    const outcome = isAlone ? (await bothOf(played)).broker : await play(played, keys, new OneTimeMemory());
    expect('refused' in outcome ? outcome.refused : 'accepted').toBe(played.outcome);
  });

  it('shows every check at work', () => {
    const shown = new Set<string>([...SAML_CASES.map(({ outcome }) => outcome), ...SHOWN_ELSEWHERE]);
    expect(Object.keys(SAML_CHECKS).filter((check) => !shown.has(check))).toStrictEqual([]);
  });
});

describe('what the library accepts alone, by which we notice that it has changed', () => {
  const asked = SAML_CASES.filter(({ alone }) => alone !== 'not asked');
  it.each(asked)('$id, $what: $alone', async (played) => {
    const { accepts } = await bothOf(played);
    expect(accepts ? 'accepted' : 'refused').toBe(played.alone);
  });
});

describe('docs/sign-in-hostile-cases.md', () => {
  it('has the table of the cases', () => {
    const rows = SAML_CASES.map(({ id, what, alone, outcome }) => [
      id,
      what,
      alone,
      outcome === 'accepted' ? outcome : `\`${outcome}\``,
    ]);
    const cases = table(['no.', 'input', 'library alone', 'broker'], rows);
    const refused = SAML_CASES.filter(({ outcome }) => outcome !== 'accepted');
    const alone = refused.filter((one) => one.alone === 'accepted').length;
    process.stdout.write(
      `${cases}\n${refused.length} hostile inputs refused, of which the library alone accepts ${alone}\n`,
    );
    expect(documentedTable('SAML')).toBe(cases);
  });

  it('has what each check means', () => {
    const rows = Object.entries(SAML_CHECKS).map(([check, meaning]) => [`\`${check}\``, meaning]);
    expect(documentedTable('Checks of SAML')).toBe(table(['check', 'what it found'], rows));
  });
});
