import { Injectable } from '@nestjs/common';
import type { ProtocolValue } from '../../domain/protocol-value.js';
import type { PolicyVerdict } from '../../domain/verdict.js';
import { BrokerError } from '../../kernel/errors.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import { PolicyReader } from '../../persistence/policies/policy-reader.js';
import { KnownProtocols } from '../modules/known-protocols.js';

/** Who asks. */
export interface GrantRequester {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
}

/** What is asked for; a planned grant fits. */
export interface AskedGrant {
  readonly access: readonly ProtocolValue[];
  readonly ttlSeconds: number;
}

/** What the policies in force say to a request for a grant. */
@Injectable()
export class GrantRequestJudge {
  constructor(
    private readonly policies: PolicyReader,
    private readonly protocols: KnownProtocols,
  ) {}

  /** @throws BrokerError `state_unavailable`, `protocol_unknown`, `target_credential_missing` for a target nobody has looked at */
  async judge(
    requester: GrantRequester,
    target: Pick<TargetRow, 'name' | 'protocol' | 'labels' | 'report'>,
    asked: AskedGrant,
  ): Promise<PolicyVerdict> {
    const protocol = this.protocols.named(target.protocol);
    if (target.report === null) throw new BrokerError('target_credential_missing');
    const policies = await this.policies.read();
    const { name, labels, report } = target;
    const subject = { principal: requester, target: { name, labels, flavour: report.flavour } };
    return policies.judge(protocol.policies.grantCase(subject, asked));
  }
}
