import { describe, test } from 'vitest';
import { useBroker } from '../support/broker.js';
import { servers } from '../support/engines.js';
import { mysqlConformer } from './conformers/mysql.js';
import { CONFORMANCE_BROKER, conforms } from './suite.js';

const { mariadb, mysql, mysqlMissing } = servers();
const broker = useBroker(CONFORMANCE_BROKER);

conforms(mysqlConformer(mariadb), broker);

if (mysql === null) describe('mysql', () => test.skip(String(mysqlMissing)));
else conforms(mysqlConformer(mysql), broker);
