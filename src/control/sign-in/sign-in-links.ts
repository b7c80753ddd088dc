import { Inject, Injectable } from '@nestjs/common';
import { newPrincipalId } from '../../domain/ids.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { MADE_BY_OPERATOR, type PrincipalRow } from '../../persistence/entities/identity/principal.js';
import { IdentityProviderRepository } from '../../persistence/identity/identity-provider.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { SignInLinkRepository } from '../../persistence/identity/sign-in-link.repository.js';
import { AdminRecord, type AdminNote } from '../record/admin-record.js';
import { CLOCK } from '../modules/tokens.js';
import { hashOfSecret, isSecret, newSecret } from './sessions/stored-session.js';

/** How long a link works that nobody has used. */
export const LINK_MINUTES = 15;
const LINK_MS = LINK_MINUTES * 60_000;
/** Whom the first link lets in: an operator who exists only for that. */
export const BOOTSTRAP = 'bootstrap';

/** A link to make. */
export interface WantedLink {
  readonly principal: PrincipalRow;
  /** It works from any address; otherwise only on the machine of the api. */
  readonly anyAddress: boolean;
  readonly by: AdminNote['by'];
}

/**
 * One-time links, for the time before an identity provider signs people in. The link's secret is 256 bits and stored as its
 * hash. Once a provider is configured no link works, and none can be made.
 */
@Injectable()
export class SignInLinks {
  constructor(
    private readonly principals: PrincipalRepository,
    private readonly links: SignInLinkRepository,
    private readonly providers: IdentityProviderRepository,
    private readonly record: AdminRecord,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The path of a new link, which is nowhere else. @throws BrokerError `link_invalid`, `state_unavailable` */
  async make({ principal, anyAddress, by }: WantedLink): Promise<`/${string}`> {
    if (await this.#areProvidersThere()) {
      throw new BrokerError('link_invalid', { detail: 'An identity provider signs people in, so no link works.' });
    }
    if (principal.roles.includes('agent') || principal.disabledAtMs !== null) {
      throw new BrokerError('link_invalid', {
        detail: `${principal.name} is an agent or disabled, and cannot sign in.`,
      });
    }
    const secret = newSecret();
    const row = { id: hashOfSecret(secret), principalId: principal.id, anyAddress: anyAddress ? 1 : 0 };
    await this.record.together(async (at) => {
      const links = at.of(SignInLinkRepository);
      if (principal.name === BOOTSTRAP) await links.deleteOf(principal.id); // the last one that was printed counts
      await links.insert(row, LINK_MS);
      const after = { anyAddress, minutes: LINK_MINUTES };
      const subject = { kind: 'principal', name: principal.name } as const;
      return { result: undefined, note: { act: 'link.made', by, subject, after } };
    });
    return `/auth/link/${secret}`;
  }

  /**
   * A link for the operator of a new installation; undefined where it is none: a provider signs people in, or there is an
   * operator already. @throws BrokerError `link_invalid` when somebody else has the name, `state_unavailable`
   */
  async makeFirst(anyAddress: boolean): Promise<`/${string}` | undefined> {
    if (await this.#areProvidersThere()) return undefined;
    if (await this.principals.hasOperatorBesides(BOOTSTRAP)) return undefined;
    const principal = (await this.principals.findByName(BOOTSTRAP)) ?? (await this.#makeBootstrap());
    if (principal.disabledAtMs !== null) return undefined; // somebody has closed this way in
    if (!principal.roles.includes('operator')) {
      throw new BrokerError('link_invalid', { detail: `The principal ${BOOTSTRAP} is there and no operator.` });
    }
    return this.make({ principal, anyAddress, by: 'broker' });
  }

  /** Uses a link up, and says whom it lets in. @throws BrokerError `link_invalid`, the same for every reason; `state_unavailable` */
  async use(secret: string, isOnThisMachine: boolean): Promise<PrincipalRow> {
    const id = hashOfSecret(secret);
    const found = isSecret(secret) ? await this.#find(id) : undefined;
    const isRightPlace = found !== undefined && (isOnThisMachine || found.link.anyAddress === 1);
    if (!isRightPlace || (await this.#areProvidersThere())) throw new BrokerError('link_invalid');
    const { principal } = found;
    const isFirst = await this.record.together(async (at) => {
      const isTaken = await at.of(SignInLinkRepository).take(id);
      const by = { name: principal.name, signIn: 'session:link' };
      const subject = { kind: 'principal', name: principal.name } as const;
      return { result: isTaken, note: isTaken ? { act: 'link.used', by, subject } : null };
    });
    if (!isFirst) throw new BrokerError('link_invalid');
    return principal;
  }

  async #find(id: string) {
    const link = await this.links.find(id);
    const principal = link === undefined ? undefined : await this.principals.findById(link.principalId);
    return link === undefined || principal === undefined ? undefined : { link, principal };
  }

  async #areProvidersThere(): Promise<boolean> {
    return (await this.providers.list()).some(({ purposes }) => purposes.includes('people'));
  }

  async #makeBootstrap(): Promise<PrincipalRow> {
    const made = {
      id: newPrincipalId(),
      name: BOOTSTRAP,
      kind: 'user',
      roles: ['operator'],
      groups: [],
      createdAtMs: this.clock.nowMs(),
      disabledAtMs: null,
    } as const;
    await this.record.together(async (at) => {
      await at.of(PrincipalRepository).insert(made);
      const { kind, roles, groups } = made;
      const subject = { kind: 'principal', name: BOOTSTRAP } as const;
      return {
        result: undefined,
        note: { act: 'principal.made', by: 'broker', subject, after: { kind, roles, groups } },
      };
    });
    return { ...MADE_BY_OPERATOR, ...made };
  }
}
