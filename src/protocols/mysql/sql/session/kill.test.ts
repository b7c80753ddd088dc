import { expect, it } from 'vitest';
import { dialectOf } from '../text/dialect.js';
import { killOf } from './kill.js';

const MARIADB = dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: '' });
const MYSQL = dialectOf({ flavour: 'mysql', version: '9.7.0', sqlMode: '' });

it.each([
  ['KILL 7', 'connection', { kind: 'connection', id: 7 }],
  ['kill query 7;', 'query', { kind: 'connection', id: 7 }],
  ['/* of a tool */ KILL CONNECTION 7', 'connection', { kind: 'connection', id: 7 }],
  ['KILL QUERY CONNECTION_ID()', 'query', { kind: 'own' }],
  ['KILL @id', 'connection', { kind: 'variable', name: '@id' }],
])('a text that kills: %s', (text, what, id) => {
  for (const dialect of [MARIADB, MYSQL]) expect(killOf(Buffer.from(text), dialect)).toEqual({ what, id });
});

it.each([
  ['KILL SOFT QUERY 7', 'query', { kind: 'connection', id: 7 }],
  ['KILL HARD CONNECTION 7', 'connection', { kind: 'connection', id: 7 }],
  ['KILL HARD 7', 'connection', { kind: 'connection', id: 7 }],
  ['KILL QUERY ID 7', 'query', { kind: 'query', id: 7 }],
])('a form of MariaDB alone: %s', (text, what, id) => {
  expect(killOf(Buffer.from(text), MARIADB)).toEqual({ what, id });
  expect(killOf(Buffer.from(text), MYSQL)).toBeUndefined();
});

it.each([
  'SELECT 1',
  'KILL',
  'KILL USER root',
  'KILL 7 + 1',
  'KILL 7; SELECT 1',
  'KILL (SELECT 7)',
  'KILL 1e3x',
  'KILL QUERY ID @id',
  "SELECT 'KILL 7'",
  '-- KILL 7\nSELECT 1',
  'KILL 99999999999999999999',
])('no such text: %s', (text) => {
  expect(killOf(Buffer.from(text), MARIADB)).toBeUndefined();
});
