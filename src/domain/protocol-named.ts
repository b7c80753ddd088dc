import { BrokerError } from '../kernel/errors.js';
import type { ProtocolName } from './protocol-value.js';

/** The protocol of that name, of those that a process knows. @throws BrokerError `protocol_unknown` */
export function protocolNamed<Protocol extends { readonly name: ProtocolName }>(
  protocols: readonly Protocol[],
  name: ProtocolName,
): Protocol {
  const found = protocols.find((protocol) => protocol.name === name);
  if (found !== undefined) return found;
  const known = protocols.map((protocol) => protocol.name).join(', ');
  throw new BrokerError('protocol_unknown', { detail: `It is ${JSON.stringify(name)}; known are: ${known}.` });
}
