import { z } from 'zod';
import { UNNAMED_PROTOCOL, type ProtocolValue } from '../domain/protocol-value.js';
import type { ProtocolPlace } from '../domain/protocol-places.js';

const PROTOCOL_CHARACTERS_MAX = 32;

/** A protocol's name; the target's service says whether this build knows it. */
export const protocolName = z
  .string()
  .max(PROTOCOL_CHARACTERS_MAX)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be the name of a protocol, such as "mysql"');

export const protocolOfTarget = z
  .string()
  .meta({ description: `What the target speaks; \`${UNNAMED_PROTOCOL}\` for MySQL and MariaDB.` });

/**
 * Any object: the target's protocol parses it once the target is known. Each place has one schema, since the published
 * description finds it by its name.
 */
export function valueOfProtocol(place: ProtocolPlace): z.ZodType<ProtocolValue> {
  return z.looseObject({}).meta({ id: place });
}

/** A rule of a grant's access, as it is asked for and as a grant carries it. */
export const accessRequest = valueOfProtocol('AccessRequest');
export const accessRule = valueOfProtocol('AccessRule');
