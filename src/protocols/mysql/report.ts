import { z } from 'zod';
import type { TargetReport } from '../../domain/target.js';
import { FLAVOURS, type Flavour } from './flavour.js';

/** What the broker saw of a server when it last connected; its greeting is shown to clients as it was. */
export interface MysqlReport extends TargetReport {
  readonly flavour: Flavour;
  /** The version string of the greeting, byte for byte: drivers decide features by it. */
  readonly version: string;
  /** Capability flags of the greeting, unfiltered; MariaDB's extended ones above the first 32 bits. */
  readonly capabilities: number;
  /** Collation id of the greeting. */
  readonly collation: number;
  /** Default authentication plugin of the greeting. */
  readonly authPlugin: string;
}

export const mysqlReport: z.ZodType<MysqlReport> = z.object({
  flavour: z.enum(FLAVOURS),
  version: z.string(),
  capabilities: z.int(),
  collation: z.int(),
  authPlugin: z.string(),
  tls: z.object({ version: z.string(), cipher: z.string() }).nullable(),
  checkedAt: z.string(),
});
