import { z } from 'zod';

const driverLogin = {
  host: z.string(),
  port: z.int(),
  user: z.string(),
  password: z.string(),
  database: z.string().optional(),
};

/** A connection's ready forms, as the API publishes them. */
export const clientsView = z
  .object({
    mariadb: z.string(),
    mysql: z.string(),
    mysql2: z.object({
      uri: z.string(),
      options: z.object({ ...driverLogin, ssl: z.object({ ca: z.string(), verifyIdentity: z.boolean() }) }),
    }),
    pymysql: z.object({
      options: z.object({
        ...driverLogin,
        charset: z.string(),
        ssl_ca: z.string(),
        ssl_verify_cert: z.boolean(),
        ssl_verify_identity: z.boolean(),
      }),
    }),
    sqlalchemy: z.object({ url: z.string() }),
    jdbc: z.object({ mariadb: z.string(), mysql: z.string(), mysqlTrustStore: z.string() }),
  })
  .meta({
    description:
      'Ready forms: command lines, and what each driver is given. A URL of JDBC leaves out a database whose name its ' +
      'driver could not read there (see docs/limitations.md): enter it with USE.',
  });
