import { Injectable } from '@nestjs/common';
import type { GrantTrial, PolicyTrial, PolicyTrialView, StatementTrial } from '../../contracts/policy.js';
import { resolveAccess } from '../../protocols/sql/access.js';
import { PLAIN_SQL_MODE } from '../../protocols/mysql/sql/text/dialect.js';
import type { PolicySubject } from '../../domain/verdict.js';
import { BrokerError } from '../../kernel/errors.js';
import type { TargetRow } from '../../persistence/entities/target.js';
import { PolicyReader } from '../../persistence/policies/policy-reader.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import { grantCase, statementCase } from '../../protocols/sql/policy/questions.js';
import { standingAccess } from '../../protocols/sql/policy/standing.js';
import { mysqlReport } from '../../protocols/mysql/report.js';
import { analyse } from '../../protocols/mysql/sql/analyse.js';
import { dialectOf } from '../../protocols/mysql/sql/text/dialect.js';
import type { Caller } from '../http/access.js';

type InspectedTarget = TargetRow & { readonly report: NonNullable<TargetRow['report']> };

/** What a statement or a request for a grant would get from the policies in force. Nothing is sent to a target. */
@Injectable()
export class PolicyTrialsService {
  constructor(
    private readonly policies: PolicyReader,
    private readonly principals: PrincipalRepository,
    private readonly targets: TargetRepository,
  ) {}

  async try(caller: Caller, trial: PolicyTrial): Promise<PolicyTrialView> {
    const [principal, target] = await Promise.all([
      this.#principal(caller, trial.principal),
      this.#target(trial.target),
    ]);
    const { name, labels, report } = target;
    const subject = { principal, target: { name, labels, flavour: report.flavour } };
    return 'statement' in trial ? this.#statement(subject, target, trial) : this.#grant(subject, target, trial);
  }

  async #statement(
    subject: PolicySubject,
    { report, defaultDatabase }: InspectedTarget,
    { statement, database = defaultDatabase, inTransaction }: StatementTrial,
  ): Promise<PolicyTrialView> {
    const policies = await this.policies.read();
    const dialect = dialectOf({ ...mysqlReport.parse(report), sqlMode: PLAIN_SQL_MODE });
    const { facts } = analyse(Buffer.from(statement), dialect, database);
    const verdict = policies.judge(statementCase({ ...subject, facts, database, inTransaction }));
    return { ...verdict, version: policies.version, facts, access: null, standing: null, catalog: false };
  }

  async #grant(
    subject: PolicySubject,
    { limits, defaultDatabase }: InspectedTarget,
    { grantRequest: { access: asked, ttlSeconds } }: GrantTrial,
  ): Promise<PolicyTrialView> {
    const policies = await this.policies.read();
    const access = resolveAccess(asked, limits, defaultDatabase);
    const verdict = policies.judge(grantCase({ ...subject, access, ttlSeconds }));
    const standing = standingAccess(policies, subject, access, () => []);
    return { ...verdict, version: policies.version, facts: null, access, standing, catalog: false };
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
