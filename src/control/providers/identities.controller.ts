import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type IdentityList,
  identityList,
  type PrincipalParams,
  principalParams,
} from '../../contracts/identity/principal.js';
import { BrokerError } from '../../kernel/errors.js';
import { IdentityRepository } from '../../persistence/identity/identity.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { timeOf } from '../http/time.js';
import { CountsAs } from '../limits/counts-as.js';

/** Who a principal is at its identity providers. */
@ApiTags('identity')
@CountsAs('calls')
@Controller('v1/principals/:name/identities')
export class IdentitiesController {
  constructor(
    private readonly principals: PrincipalRepository,
    private readonly identities: IdentityRepository,
  ) {}

  @Get()
  @RequirePermission('principal.read')
  @Describe('List the identities of a principal that signs in, the first seen first', 200, identityList)
  async list(@Param({ schema: principalParams }) { name }: PrincipalParams): Promise<IdentityList> {
    const principal = await this.principals.findByName(name);
    if (principal === undefined) throw new BrokerError('principal_not_found');
    const rows = await this.identities.listOf(principal.id);
    const items = rows.map(({ provider, issuer, subject, email, firstSeenAtMs, lastSeenAtMs }) => ({
      provider,
      issuer,
      subject,
      email,
      firstSeenAt: timeOf(firstSeenAtMs),
      lastSeenAt: timeOf(lastSeenAtMs),
    }));
    return { items, next: null };
  }
}
