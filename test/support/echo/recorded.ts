import { z } from 'zod';
import type { RecordedProtocol } from '../../../src/recording/recorded-protocol.js';
import { answerBody, lineBody } from './bodies.js';
import { echoAccess } from './lines.js';
import { ECHO_REPLAY } from './replay.js';

/** Recordings of echo servers. */
export const ECHO_RECORDED: RecordedProtocol = {
  name: 'echo',
  inFlight: 'many',
  bodies: {
    'grant.opened': z.strictObject({ access: z.array(echoAccess) }),
    'session.opened': z.strictObject({ targetKey: z.string() }),
    operation: lineBody,
    note: lineBody,
    result: answerBody,
  },
  replay: ECHO_REPLAY,
};
