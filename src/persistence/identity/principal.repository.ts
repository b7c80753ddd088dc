import type { PrincipalKind, Role } from '../../domain/principal.js';
import type { PrincipalId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import { atState, isDuplicate } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';
import { MADE_BY_OPERATOR, principalEntity, type PrincipalRow } from '../entities/identity/principal.js';

export type NewPrincipal = Omit<PrincipalRow, keyof typeof MADE_BY_OPERATOR> &
  Partial<Pick<PrincipalRow, keyof typeof MADE_BY_OPERATOR>>;

/** Which principals are sought; what is undefined is all the same. */
export interface SoughtPrincipals {
  readonly before?: string | undefined;
  /** A part of the name, of the e-mail address or of the name to show. */
  readonly text?: string | undefined;
  readonly kind?: PrincipalKind | undefined;
  readonly role?: Role | undefined;
  readonly group?: string | undefined;
  readonly provider?: string | undefined;
  readonly state?: 'enabled' | 'disabled' | undefined;
}

/** Principals. They are never deleted, because grants and recordings name them. */
export class PrincipalRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** A principal, by default one that an operator makes. @throws BrokerError `principal_exists` */
  async insert(made: NewPrincipal): Promise<void> {
    const row = { ...MADE_BY_OPERATOR, ...made };
    try {
      await atState(() =>
        this.dataSource
          .getRepository(principalEntity)
          .insert({ ...row, roles: [...row.roles], groups: [...row.groups] }),
      );
    } catch (error) {
      if (isDuplicate(error)) throw new BrokerError('principal_exists', { cause: error });
      throw error;
    }
  }

  async findById(id: PrincipalId): Promise<PrincipalRow | undefined> {
    return atState(async () => (await this.dataSource.getRepository(principalEntity).findOneBy({ id })) ?? undefined);
  }

  async findByName(name: string): Promise<PrincipalRow | undefined> {
    return atState(async () => (await this.dataSource.getRepository(principalEntity).findOneBy({ name })) ?? undefined);
  }

  /** As {@link findByName}; nobody else changes it until the transaction ends. */
  async lockByName(name: string): Promise<PrincipalRow | undefined> {
    const lock = { mode: 'pessimistic_write' } as const;
    return atState(
      async () =>
        (await this.dataSource.getRepository(principalEntity).findOne({ where: { name }, lock })) ?? undefined,
    );
  }

  /** The newest first; `before` is the id to go on from. */
  async list({ limit, ...sought }: SoughtPrincipals & { readonly limit: number }) {
    return atState(async (): Promise<readonly PrincipalRow[]> => {
      const query = this.dataSource.getRepository(principalEntity).createQueryBuilder('principal');
      for (const [condition, parameters] of conditionsOf(sought)) query.andWhere(condition, parameters);
      return query.orderBy('principal.id', 'DESC').limit(limit).getMany();
    });
  }

  async setGroups(name: string, groups: readonly string[]): Promise<void> {
    await atState(() => this.dataSource.getRepository(principalEntity).update({ name }, { groups: [...groups] }));
  }

  /** Says who answers for an agent; null: nobody is named. */
  async setSponsor(id: PrincipalId, sponsor: string | null): Promise<void> {
    await atState(() => this.dataSource.getRepository(principalEntity).update({ id }, { sponsor }));
  }

  /** Disables a principal that is not, or enables one that is; the first time of disabling stays. */
  async setDisabled(name: string, disabledAtMs: number | null): Promise<void> {
    await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .update(principalEntity)
        .set({ disabledAtMs })
        .where('name = :name', { name })
        .andWhere(disabledAtMs === null ? 'disabled_at IS NOT NULL' : 'disabled_at IS NULL')
        .execute(),
    );
  }

  /** Ends all sessions of a principal that began before, wherever they are kept. */
  async raiseSessionEpoch(id: PrincipalId): Promise<void> {
    await atState(() => this.dataSource.getRepository(principalEntity).increment({ id }, 'sessionEpoch', 1));
  }

  /** Ends the sessions of everybody. */
  async raiseAllSessionEpochs(): Promise<void> {
    await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .update(principalEntity)
        .set({ sessionEpoch: () => 'session_epoch + 1' })
        .where('1 = 1')
        .execute(),
    );
  }

  /** Whether anybody but the principal of that name is an operator who may call. */
  async hasOperatorBesides(name: string): Promise<boolean> {
    return atState(async () => {
      const query = this.dataSource.getRepository(principalEntity).createQueryBuilder('principal');
      // Roles are words of a fixed list in a JSON text.
      return query
        .where('principal.roles LIKE :role AND principal.name <> :name AND principal.disabled_at IS NULL', {
          role: '%"operator"%',
          name,
        })
        .getExists();
    });
  }
}

function conditionsOf(sought: SoughtPrincipals): readonly (readonly [string, Record<string, string>])[] {
  const { before, text, kind, role, group, provider, state } = sought;
  return [
    ...given(before, 'principal.id < :before', (value) => ({ before: value })),
    ...given(
      text,
      '(principal.name LIKE :text OR principal.email LIKE :text OR LOWER(principal.display_name) LIKE :text)',
      (value) => ({ text: `%${escapedForLike(value.toLowerCase())}%` }),
    ),
    ...given(kind, 'principal.kind = :kind', (value) => ({ kind: value })),
    // Roles and groups are words without quotes or wildcards but "_", in a JSON text.
    ...given(role, 'principal.roles LIKE :role', (value) => ({ role: `%"${value}"%` })),
    ...given(group, '(principal.group_names LIKE :group OR principal.mapped_groups LIKE :group)', (value) => ({
      group: `%"${escapedForLike(value)}"%`,
    })),
    ...given(provider, 'principal.provider = :provider', (value) => ({ provider: value })),
    ...given(state, `principal.disabled_at IS ${state === 'disabled' ? 'NOT ' : ''}NULL`, () => ({})),
  ];
}

function given<T extends string>(
  value: T | undefined,
  condition: string,
  parametersOf: (value: T) => Record<string, string>,
): readonly (readonly [string, Record<string, string>])[] {
  return value === undefined ? [] : [[condition, parametersOf(value)]];
}

/** The text itself, where LIKE would read wildcards. */
function escapedForLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}
