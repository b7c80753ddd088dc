import { recordedBy } from '../../../protocol/target-protocol.js';
import { PROTOCOLS } from '../../protocols.js';
import { COMMON_FORMATS } from './replay-view.js';

/** What a user may ask for: what all recordings have, and what those of some protocols have besides. */
export const REPLAY_FORMATS: readonly string[] = [
  ...new Set([
    ...COMMON_FORMATS,
    ...[...recordedBy(PROTOCOLS).values()].flatMap(({ replay }) => Object.keys(replay?.formats ?? {})),
  ]),
];
