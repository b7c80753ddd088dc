import { describe, expect, it } from 'vitest';
import { isSponsor, personBehind } from './person.js';

const ann = personBehind(
  [
    { id: 'p1', name: 'ann', email: null },
    { id: 'p2', name: 'okta:ann.smith', email: 'ann@work.example' },
  ],
  [
    { subject: '00u1-Ab', email: 'Ann.Smith@Example.com' },
    { subject: 'repo:shop/api', email: null },
  ],
);

describe('a sponsor is a person', () => {
  it.each([
    'ann',
    'ANN',
    ' ann ',
    'okta:ann.smith',
    'ann.smith',
    'entra:ann.smith',
    '00u1-Ab',
    'ann.smith@example.com',
    'ANN.SMITH@EXAMPLE.COM',
    'ａｎｎ',
    'repo:shop/api',
    'Ann@Work.Example',
  ])('by a name, a subject or a verified e-mail of theirs: %s', (name) => {
    expect(isSponsor(ann, { name, isClaim: true })).toBe(true);
  });

  it.each(['bob', 'okta', '', 'ann.smith@other.example', 'ann.smith@example.com.evil', 'okta:', 'annn'])(
    'and by no other: %s',
    (name) => {
      expect(isSponsor(ann, { name, isClaim: true })).toBe(false);
    },
  );

  it('also when an operator says it', () => {
    expect(isSponsor(ann, { name: 'ann', isClaim: false })).toBe(true);
  });
});

it('a person has all their principals', () => {
  expect([...ann.principals]).toEqual(['p1', 'p2']);
});
