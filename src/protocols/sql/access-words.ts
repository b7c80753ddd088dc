import type { AccessWords, TypedOptions } from '../../protocol/access-words.js';
import { accessOfTables, needsDatabase, type TypedTables } from './access-of-tables.js';

/** How access to tables is asked for. */
export const SQL_ACCESS_WORDS: AccessWords = {
  options: [
    {
      flags: '--read <table...>',
      about: 'tables to read: orders, shop.orders, shop.*; default: what the target gives',
    },
    { flags: '--write <table...>', about: 'tables to read and change' },
  ],
  example: '[{"database":"shop","privileges":["SELECT"]}]',
  told: 'For databases: {"database": "shop", "tables": ["orders"], "privileges": ["SELECT", "UPDATE"]}; without `tables` the whole database. Absent: SELECT on the default database.',
  needsPlace: (typed) => needsDatabase(tablesIn(typed)),
  placeMissing: 'Name the tables with theirs, such as shop.orders.',
  rulesOf: (typed, place) => accessOfTables(tablesIn(typed), place),
  tooMany: 'Name whole databases with shop.*, or use --access.',
};

function tablesIn({ read, write }: TypedOptions): TypedTables {
  return { read: textsIn(read), write: textsIn(write) };
}

function textsIn(typed: unknown): readonly string[] {
  return Array.isArray(typed) ? typed.map(String) : [];
}
