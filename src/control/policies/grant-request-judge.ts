import { Injectable } from '@nestjs/common';
import type { ProtocolValue } from '../../domain/protocol-value.js';
import { accessRules } from '../../protocols/sql/access-schema.js';
import type { PolicyVerdict } from '../../domain/verdict.js';
import { BrokerError } from '../../kernel/errors.js';
import type { TargetRow } from '../../persistence/entities/target.js';
import { grantCase } from '../../protocols/sql/policy/questions.js';
import { PolicyReader } from '../../persistence/policies/policy-reader.js';

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
  constructor(private readonly policies: PolicyReader) {}

  /** @throws BrokerError `state_unavailable`, `target_credential_missing` for a target nobody has looked at */
  async judge(
    requester: GrantRequester,
    target: Pick<TargetRow, 'name' | 'labels' | 'report'>,
    { access, ttlSeconds }: AskedGrant,
  ): Promise<PolicyVerdict> {
    if (target.report === null) throw new BrokerError('target_credential_missing');
    const policies = await this.policies.read();
    const { name, labels, report } = target;
    const subject = { principal: requester, target: { name, labels, flavour: report.flavour } };
    return policies.judge(grantCase({ ...subject, access: accessRules.parse(access), ttlSeconds }));
  }
}
