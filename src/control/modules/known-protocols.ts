import { Inject, Injectable } from '@nestjs/common';
import { protocolNamed } from '../../domain/protocol-named.js';
import type { ProtocolName } from '../../domain/protocol-value.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import type { ToldProtocol } from '../../protocol/target-words.js';
import { PROTOCOLS } from './tokens.js';

/** The protocols that this build knows, for what looks at targets and their grants. */
@Injectable()
export class KnownProtocols {
  constructor(@Inject(PROTOCOLS) private readonly protocols: readonly TargetProtocol[]) {}

  /** @throws BrokerError `protocol_unknown`, which names those that are known */
  named(name: ProtocolName): TargetProtocol {
    return protocolNamed(this.protocols, name);
  }

  /** All of them, as agents are told of them. */
  told(): readonly ToldProtocol[] {
    return this.protocols.map(({ name, grants, words }) => ({ name, access: grants.words, words }));
  }

  /** Undefined when a build that knew more has stored a target: what is listed is listed all the same. */
  find(name: ProtocolName): TargetProtocol | undefined {
    return this.protocols.find((protocol) => protocol.name === name);
  }
}
