import { join } from 'node:path';
import { PROTOCOLS } from '../../../src/apps/protocols.js';
import { vocabulariesOf } from '../../../src/protocol/target-protocol.js';
import type { BrokerPrograms } from '../broker.js';
import { ECHO } from './target.js';

const FOLDER = join(import.meta.dirname, 'processes');

/** The broker's processes with one protocol more in their lists. */
export const ECHO_PROGRAMS: BrokerPrograms = {
  arguments: (name) => ['--import', join(FOLDER, 'built-source.mjs'), join(FOLDER, `${name}.ts`)],
  defaults: vocabulariesOf([...PROTOCOLS, ECHO]).map(({ defaults }) => defaults),
};
