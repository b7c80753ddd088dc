import { join } from 'node:path';
import { PROTOCOLS } from '../../../src/apps/protocols.js';
import { vocabulariesOf } from '../../../src/protocol/target-protocol.js';
import type { BrokerPrograms } from '../broker.js';
import { LOCAL } from '../folders.js';
import { ECHO } from './target.js';

/** Where `scripts/bundle.mjs --echo` puts what stands in processes/. */
const FOLDER = join(LOCAL, 'test', 'echo');

/** The command line with one protocol more in its list; of its commands it has `exec`. */
export const ECHO_COMMAND_LINE = join(FOLDER, 'cli.js');

/** The broker's processes with one protocol more in their lists. */
export const ECHO_PROGRAMS: BrokerPrograms = {
  arguments: (name) => [join(FOLDER, `${name}.js`)],
  defaults: vocabulariesOf([...PROTOCOLS, ECHO]).map(({ defaults }) => defaults),
};
