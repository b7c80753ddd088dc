import { protocolNamed } from '../domain/protocol-named.js';
import type { ProtocolName } from '../domain/protocol-value.js';
import type { GatewayProtocol, GatewayTools, ServingProtocol } from './gateway-protocol.js';

/** The protocols of a gateway that runs. */
export class ServingProtocols {
  readonly #protocols: readonly { readonly name: ProtocolName; readonly serving: ServingProtocol }[];

  constructor(protocols: readonly GatewayProtocol[], tools: GatewayTools) {
    this.#protocols = protocols.map((protocol) => ({ name: protocol.name, serving: protocol.start(tools) }));
  }

  /** @throws BrokerError `protocol_unknown` for one that this gateway does not have */
  named(name: ProtocolName): ServingProtocol {
    return protocolNamed(this.#protocols, name).serving;
  }

  async close(): Promise<void> {
    await Promise.all(this.#protocols.map(({ serving }) => serving.close()));
  }
}
