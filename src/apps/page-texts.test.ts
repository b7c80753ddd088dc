import { expect, it } from 'vitest';
import { ROLES } from '../domain/principal.js';
import { ADMINISTRATIVE_ACTS } from '../record/acts.js';
import { RECORD } from '../web/texts/record.js';
import { ROLE_WORDS } from '../web/texts/roles.js';

it('the page has words for every administrative act, and for no other', () => {
  expect(Object.keys(RECORD.acts).toSorted()).toEqual(Object.keys(ADMINISTRATIVE_ACTS).toSorted());
});

it('the page has words for every role', () => {
  expect(Object.keys(ROLE_WORDS).toSorted()).toEqual([...ROLES].toSorted());
});
