import { Injectable } from '@nestjs/common';
import type { ApprovalView } from '../../contracts/approvals/approval.js';
import { PersonRepository } from '../../persistence/identity/person.repository.js';
import { PeopleProviders } from '../sign-in/providers/people-providers.js';

/** How many people could answer for a group: one who decides sees whether somebody else is there to do so. */
@Injectable()
export class GroupSizes {
  constructor(
    private readonly persons: PersonRepository,
    private readonly providers: PeopleProviders,
  ) {}

  /** In the order of the groups. @throws BrokerError `state_unavailable` */
  async of(groups: readonly string[]): Promise<ApprovalView['groupMembers']> {
    if (groups.length === 0) return [];
    const [known, mayBeMore] = await Promise.all([this.persons.approversIn(groups), this.providers.areThere()]);
    const isWhole = known.isAll && !mayBeMore;
    return groups.map((group) => ({ group, members: known.sizes.get(group) ?? 0, isWhole }));
  }
}
