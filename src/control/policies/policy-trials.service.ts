import { Injectable } from '@nestjs/common';
import type {
  GrantTrial,
  OperationTrial,
  PolicyDraft,
  PolicyTrial,
  PolicyTrialView,
} from '../../contracts/policies/policy.js';
import type { PolicySubject } from '../../domain/verdict.js';
import { BrokerError } from '../../kernel/errors.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import { PolicyReader } from '../../persistence/policies/policy-reader.js';
import { PolicyRepository } from '../../persistence/policies/policy.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import type { Caller } from '../http/access.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { type DraftedPolicies, PolicyChecks } from './policy-checks.js';

type InspectedTarget = TargetRow & { readonly report: NonNullable<TargetRow['report']> };

/** Who would do it, and where; and who is asked. */
interface TrialScene extends DraftedPolicies {
  readonly subject: PolicySubject;
  readonly target: InspectedTarget;
  readonly protocol: TargetProtocol;
}

/** What an operation or a request for a grant would get from the policies in force, or with a draft. Nothing is sent to a target. */
@Injectable()
export class PolicyTrialsService {
  constructor(
    private readonly policies: PolicyReader,
    private readonly stored: PolicyRepository,
    private readonly checks: PolicyChecks,
    private readonly principals: PrincipalRepository,
    private readonly targets: TargetRepository,
    private readonly protocols: KnownProtocols,
  ) {}

  async try(caller: Caller, trial: PolicyTrial): Promise<PolicyTrialView> {
    if (trial.draft !== undefined && !caller.permissions.has('policy.write')) {
      throw new BrokerError('forbidden', { detail: 'To try a draft takes the permission policy.write.' });
    }
    const [principal, target, drafted] = await Promise.all([
      this.#principal(caller, trial.principal),
      this.#target(trial.target),
      this.#drafted(trial.draft),
    ]);
    const { name, labels, report } = target;
    const subject = { principal, target: { name, labels, flavour: report.flavour } };
    const scene = { ...drafted, subject, target, protocol: this.protocols.named(target.protocol) };
    return trial.grantRequest === undefined ? this.#operation(scene, trial) : this.#grant(scene, trial);
  }

  #operation(
    { policies, warnings, subject, target, protocol }: TrialScene,
    { principal: _who, target: _name, draft: _draft, grantRequest: _none, ...operation }: OperationTrial,
  ): PolicyTrialView {
    const { asked, facts } = protocol.policies.trial(operation, target, subject, []);
    const verdict = policies.judge(asked);
    const { version } = policies;
    return { ...verdict, version, facts, access: null, standing: null, catalog: false, warnings };
  }

  #grant(
    { policies, warnings, subject, target, protocol }: TrialScene,
    { grantRequest: { access: rules, ttlSeconds } }: GrantTrial,
  ): PolicyTrialView {
    const { access } = protocol.grants.plan(rules, target, ['grantRequest', 'access']);
    const verdict = policies.judge(protocol.policies.grantCase(subject, { access, ttlSeconds }));
    const standing = protocol.policies.standing({ policies, subject, access });
    return { ...verdict, version: policies.version, facts: null, access, standing, catalog: false, warnings };
  }

  async #drafted(draft: PolicyDraft | undefined): Promise<DraftedPolicies> {
    if (draft === undefined) return { policies: await this.policies.read(), warnings: [] };
    return this.checks.withDraft(draft, await this.stored.read());
  }

  async #principal(caller: Caller, name: string | undefined): Promise<PolicySubject['principal']> {
    if (name === undefined) return { id: caller.id, name: caller.name, kind: caller.kind };
    const row = await this.principals.findByName(name);
    if (row === undefined) throw new BrokerError('principal_not_found');
    return { id: row.id, name: row.name, kind: row.kind };
  }

  async #target(name: string): Promise<InspectedTarget> {
    const row = await this.targets.findByName(name);
    if (row === undefined) throw new BrokerError('target_not_found');
    const { report } = row;
    if (report === null) throw new BrokerError('target_credential_missing');
    return { ...row, report };
  }
}
