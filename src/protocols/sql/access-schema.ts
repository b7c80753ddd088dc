import { z } from 'zod';
import type { Access, AccessRequest } from './access.js';
import { PRIVILEGES } from './privilege.js';

/** MySQL's and MariaDB's own limit on the names of databases and tables; PostgreSQL's is one less. */
const IDENTIFIER_CHARACTERS_MAX = 64;
const TABLES_MAX = 100;

const identifier = z
  .string()
  .trim()
  .min(1)
  .max(IDENTIFIER_CHARACTERS_MAX)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');

/** A rule as a request for a grant has it. */
export const accessRequest: z.ZodType<AccessRequest> = z.strictObject({
  database: identifier,
  tables: z.array(identifier).min(1).max(TABLES_MAX).optional().meta({ description: 'Absent: the whole database.' }),
  privileges: z.union([z.array(z.enum(PRIVILEGES)).min(1).max(PRIVILEGES.length), z.literal('ALL')]),
});

/** A rule as a grant carries it. */
export const access: z.ZodType<Access> = z.object({
  database: z.string(),
  tables: z.array(z.string()).readonly().exactOptional(),
  privileges: z.array(z.enum(PRIVILEGES)).readonly(),
});
export const accessRules = z.array(access).readonly();
