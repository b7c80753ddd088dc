import { z } from 'zod';
import { PROTOCOL_PLACES, type ProtocolPlace } from '../../domain/protocol-places.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';

/** Where a request has it, what has a default may be absent. */
const IN_REQUESTS: ReadonlySet<ProtocolPlace> = new Set([
  'AccessRequest',
  'LimitsRequest',
  'LimitsChange',
  'OperationTrial',
]);

/**
 * For the published description: in each place that is a protocol's, one of the forms that the known protocols have
 * there. Which one it is, `protocol` of the target says.
 */
export function protocolSchemas(protocols: readonly TargetProtocol[]): Readonly<Record<string, object>> {
  const schemas: Record<string, object> = {};
  for (const place of PROTOCOL_PLACES) {
    const forms = protocols.map((protocol) => [nameOf(protocol, place), schemaOf(protocol, place)] as const);
    Object.assign(schemas, Object.fromEntries(forms));
    schemas[place] = { oneOf: forms.map(([name]) => ({ $ref: `#/components/schemas/${name}` })) };
  }
  return schemas;
}

/** `MysqlAccessRule` */
function nameOf({ name }: TargetProtocol, place: ProtocolPlace): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}${place}`;
}

function schemaOf({ published }: TargetProtocol, place: ProtocolPlace): object {
  const io = IN_REQUESTS.has(place) ? 'input' : 'output';
  const { $schema: _, ...schema } = z.toJSONSchema(published[place], { target: 'openapi-3.0', io });
  return schema;
}
