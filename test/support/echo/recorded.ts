import { z } from 'zod';
import type { RecordedProtocol } from '../../../src/recording/recorded-protocol.js';
import { echoAccess } from './lines.js';

const line = z.strictObject({ line: z.string() });

/** Recordings of echo servers. */
export const ECHO_RECORDED: RecordedProtocol = {
  name: 'echo',
  inFlight: 'many',
  bodies: {
    'grant.opened': z.strictObject({ access: z.array(echoAccess) }),
    'session.opened': z.strictObject({ targetKey: z.string() }),
    operation: line,
    note: line,
    result: z.strictObject({ answer: z.string() }).optional(),
  },
};
