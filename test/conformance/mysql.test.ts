import { describe, test } from 'vitest';
import { servers } from '../support/engines.js';
import { mysqlConformer } from './conformers/mysql.js';
import { conforms } from './suite.js';

const { mysql, mysqlMissing } = servers();

if (mysql === null) describe('mysql', () => test.skip(String(mysqlMissing)));
else conforms(mysqlConformer(mysql));
