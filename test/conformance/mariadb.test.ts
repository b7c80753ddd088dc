import { servers } from '../support/engines.js';
import { mysqlConformer } from './conformers/mysql.js';
import { conforms } from './suite.js';

conforms(mysqlConformer(servers().mariadb));
