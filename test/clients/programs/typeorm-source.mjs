// The data source of TypeORM's own command line; how to log in comes from the environment.
import { readFileSync } from 'node:fs';
import { DataSource, EntitySchema } from 'typeorm';

const { type, host, port, username, password, database, caFile } = JSON.parse(process.env.LOGIN);

/** As the schema has it, but for a column that it has not and a length that is another. */
const item = new EntitySchema({
  name: 'item',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    name: { type: 'varchar', length: 120, default: 'none' },
    price: { type: 'decimal', precision: 12, scale: 2, nullable: true },
    note: { type: 'varchar', nullable: true },
  },
  uniques: [{ name: 'by_name', columns: ['name'] }],
});

export const source = new DataSource({
  type,
  host,
  port,
  username,
  password,
  database,
  ...(caFile === undefined ? {} : { ssl: { ca: readFileSync(caFile, 'utf8') } }),
  entities: [item],
});
