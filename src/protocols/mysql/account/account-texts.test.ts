import { expect, it } from 'vitest';
import { createUser } from './create-user.js';
import { quoteAccount } from './sql-quote.js';
import { setTimeLimit, timeLimitMs } from './time-limit.js';

const USER = {
  account: quoteAccount('dw_1', '%'),
  password: "a'b\\",
  tlsMode: 'verify-ca',
  sessionsMax: 3,
  statementSecondsMax: 60,
  isLocked: true,
} as const;

it('an account of MariaDB has its limits and is locked where it is an agent’s', () => {
  const limits = 'REQUIRE SSL WITH MAX_USER_CONNECTIONS 3 MAX_STATEMENT_TIME 60';
  const made = `CREATE USER 'dw_1'@'%' IDENTIFIED BY 'a''b\\\\' ${limits}`;
  expect(createUser('mariadb', USER)).toBe(`${made} ACCOUNT LOCK`);
  expect(createUser('mariadb', { ...USER, isLocked: false })).toBe(made);
});

it('an account of MySQL has its limits and cannot be given another password without this one', () => {
  const identified = "IDENTIFIED WITH caching_sha2_password BY 'a''b\\\\'";
  const limits = 'REQUIRE NONE WITH MAX_USER_CONNECTIONS 3';
  const made = `CREATE USER 'dw_1'@'%' ${identified} ${limits} PASSWORD REQUIRE CURRENT`;
  expect(createUser('mysql', { ...USER, tlsMode: 'off' })).toBe(made);
});

it('a time limit is said and read in the unit of each flavour', () => {
  expect(setTimeLimit('mariadb', 1_500)).toBe('SET SESSION max_statement_time = 1.5');
  expect(setTimeLimit('mysql', 1_500)).toBe('SET SESSION max_execution_time = 1500');
  expect([timeLimitMs('mariadb', '1.5'), timeLimitMs('mysql', '1500')]).toEqual([1_500, 1_500]);
});
