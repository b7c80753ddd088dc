import {
  mapIdentity,
  type MappedPrincipal,
  type MappingRefusal,
  type ProviderUse,
} from '../../domain/identity/identity-mapping.js';
import type { VerifiedIdentity } from '../../domain/identity/verified-identity.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { personOf, type PrincipalRow } from '../../persistence/entities/identity/principal.js';
import type { IdentityRepository } from '../../persistence/identity/identity.repository.js';
import { PersonRepository } from '../../persistence/identity/person.repository.js';
import type { AdminRecord } from '../record/admin-record.js';
import type { ProviderCache } from './provider-cache.js';

/** A principal as an identity is mapped now. */
export interface BroughtPrincipal {
  readonly principal: PrincipalRow;
  readonly mapped: MappedPrincipal;
}

/** Identities as principals, by the mapping in force. */
export class MappedPrincipals {
  constructor(
    private readonly cache: ProviderCache,
    private readonly identities: IdentityRepository,
    private readonly persons: PersonRepository,
    private readonly record: AdminRecord,
    private readonly clock: Clock,
  ) {}

  /**
   * The principal of a person who has signed in; made the first time.
   * @throws BrokerError `signin_not_mapped`, `signin_name_taken`, `signin_principal_disabled`, `state_unavailable`
   */
  async signIn(identity: VerifiedIdentity): Promise<BroughtPrincipal> {
    const mapped = await this.#mapped(identity, 'people');
    const { provider, issuer, subject } = identity;
    const principal = await this.identities.bringPerson(
      { provider, issuer, subject },
      { ...mapped, ...knownOf(identity) },
      this.clock.nowMs(),
    );
    await this.#joinPersons(principal, identity);
    return enabled({ principal, mapped });
  }

  /** Principals with one verified e-mail address are one person, also of two providers; an operator can say more. */
  async #joinPersons(principal: PrincipalRow, { email, provider }: VerifiedIdentity): Promise<void> {
    if (email === null) return;
    const others = (await this.persons.withEmail(email)).filter((other) => personOf(other) !== personOf(principal));
    for (const other of others) {
      await this.record.together(async (at) => {
        await at.of(PersonRepository).joinPersons(principal.id, other.id);
        const subject = { kind: 'principal', name: principal.name } as const;
        const after = { samePersonAs: other.name, because: `${provider} has verified their common e-mail address` };
        return { result: undefined, note: { act: 'principal.linked', by: 'broker', subject, after } };
      });
    }
  }

  /** The principal of an agent's token; made the first time. @throws BrokerError as {@link signIn} */
  async ofToken(identity: VerifiedIdentity): Promise<BroughtPrincipal> {
    const mapped = await this.#mapped(identity, 'agents');
    const { provider } = identity;
    const brought = { ...mapped, provider, email: null, displayName: null };
    return enabled({ principal: await this.identities.bringAgent(brought, this.clock.nowMs()), mapped });
  }

  /** What the mapping makes of it now; undefined when its provider has gone or no rule fits. @throws BrokerError `state_unavailable` */
  async mappedNow(identity: VerifiedIdentity, use: ProviderUse): Promise<MappedPrincipal | undefined> {
    const { providers, rules } = await this.cache.read();
    const provider = providers.get(identity.provider);
    if (provider?.settings.issuer !== identity.issuer || !provider.purposes.includes(use)) return undefined;
    const outcome = mapIdentity(rules, identity, use);
    return 'principal' in outcome ? outcome.principal : undefined;
  }

  async #mapped(identity: VerifiedIdentity, use: ProviderUse): Promise<MappedPrincipal> {
    const { rules } = await this.cache.read();
    const outcome = mapIdentity(rules, identity, use);
    if ('principal' in outcome) return outcome.principal;
    throw new BrokerError('signin_not_mapped', { detail: sentenceOf(outcome.refusal), fields: { ...outcome.refusal } });
  }
}

function knownOf({ provider, email, displayName }: VerifiedIdentity) {
  return { provider, email: email === null ? null : email.toLowerCase(), displayName };
}

function enabled(brought: BroughtPrincipal): BroughtPrincipal {
  if (brought.principal.disabledAtMs !== null) throw new BrokerError('signin_principal_disabled');
  return brought;
}

const WHY: Readonly<Record<MappingRefusal['why'], string>> = {
  no_rule: 'No rule fits.',
  claim_missing: 'The rule that fits names a claim that is not there.',
  claim_not_text: 'The rule that fits names a claim that is no text.',
  claim_many: 'The rule that fits names a claim that has several values.',
  claim_empty: 'The rule that fits names a claim that is empty.',
  claim_no_spiffe_id: 'The rule that fits names a claim that is no SPIFFE ID.',
  name_characters: 'The rule that fits gives a name with characters that no principal may have in its name.',
  name_long: 'The rule that fits gives a name that is too long.',
};

function sentenceOf({ rule, why, claim }: MappingRefusal): string {
  const where =
    rule === null ? '' : ` It is rule ${rule}, counted from 0${claim === null ? '' : `, and the claim ${claim}`}.`;
  return `${WHY[why]}${where}`;
}
