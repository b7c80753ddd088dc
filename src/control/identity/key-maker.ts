import { Inject, Injectable } from '@nestjs/common';
import type { ApiKeyRequest, NewApiKeyView } from '../../contracts/identity/principal.js';
import { newId } from '../../domain/ids.js';
import type { PrincipalId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { UNBOUNDED_KEY } from '../../persistence/entities/identity/api-key.js';
import { ApiKeyRepository } from '../../persistence/identity/api-key.repository.js';
import { personOf, type PrincipalRow } from '../../persistence/entities/identity/principal.js';
import { KeyRequestRepository } from '../../persistence/identity/key-request.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { apiKeyOf, type Caller } from '../http/access.js';
import { CLOCK } from '../modules/tokens.js';
import { AdminRecord } from '../record/admin-record.js';
import { makeApiKey } from './api-key.js';
import { isGuardedPrincipal, keyBounds, type KeyBounds, requireUnnarrowed } from './key-bounds.js';
import { apiKeyViewOf } from './identity-view.js';

/** A command line's session ends, and a key that is made with it ends no later, as with a key that ends. */
function boundsOfDevice(maker: Caller | null): KeyBounds | undefined {
  return maker?.signIn.by === 'device' ? { expiresAtMs: maker.signIn.endsAtMs, scope: null } : undefined;
}

/** Tells of a key that lets somebody decide, read recordings or make keys. */
export interface KeyAnnouncer {
  announce(notice: { readonly principal: string; readonly key: string; readonly by: string | null }): void;
}
export const KEY_ANNOUNCER = Symbol('KeyAnnouncer');

/** How long a second operator has. */
const REQUEST_MS = 3_600_000;

/**
 * Makes API keys. A key is a name to act in: one for a principal that is guarded, besides its first, is made by the
 * principal itself or by two operators, so that no operator alone can become another person. Anyone who works on the state
 * database (`maker` null: the command line) could do anything there; such keys are marked and told of like the others.
 */
@Injectable()
export class KeyMaker {
  constructor(
    private readonly principals: PrincipalRepository,
    private readonly keys: ApiKeyRepository,
    private readonly requests: KeyRequestRepository,
    private readonly record: AdminRecord,
    @Inject(KEY_ANNOUNCER) private readonly announcer: KeyAnnouncer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @throws BrokerError `key_needs_second_operator` with the id in `request`, `key_request_not_found`, `key_request_own`,
   *   `key_expiry_invalid`, `key_scope_invalid`
   */
  async make(name: string, wanted: ApiKeyRequest, maker: Caller | null): Promise<NewApiKeyView> {
    const principal = await this.principals.findByName(name);
    if (principal === undefined) throw new BrokerError('principal_not_found');
    const isGuarded = isGuardedPrincipal(principal);
    const bounds = await this.#boundsOf(principal, wanted, maker);
    const confirmed = maker === null ? null : await this.#requireMayMake(principal, isGuarded, wanted.request, maker);
    const { id, key, hash } = makeApiKey();
    const row = {
      ...UNBOUNDED_KEY,
      ...bounds,
      id,
      principalId: principal.id,
      label: wanted.label ?? null,
      hash,
      createdAtMs: this.clock.nowMs(),
      lastUsedAtMs: null,
      revokedAtMs: null,
      madeBy: maker?.id ?? null,
      madeByName: maker?.name ?? null,
    };
    const view = apiKeyViewOf(row);
    await this.record.together(async (at) => {
      if (confirmed !== null && !(await at.of(KeyRequestRepository).take(confirmed))) {
        throw new BrokerError('key_request_not_found');
      }
      await at.of(ApiKeyRepository).insert(row);
      const after = { principal: name, ...view, request: confirmed };
      return {
        result: undefined,
        note: { act: 'key.made', by: maker ?? 'command-line', subject: { kind: 'key', name: id }, after },
      };
    });
    if (isGuarded) this.announcer.announce({ principal: name, key: id, by: maker?.name ?? null });
    return { ...view, key };
  }

  /** Of a key that a principal makes for itself, also by the bounds of the one that it uses. */
  async #boundsOf(principal: PrincipalRow, wanted: ApiKeyRequest, maker: Caller | null): Promise<KeyBounds> {
    const { expiresAt, scope } = wanted;
    const used = maker === null ? null : apiKeyOf(maker);
    const key = used === null ? boundsOfDevice(maker) : (await this.keys.findWithPrincipal(used))?.key;
    if (maker !== null && maker.id !== principal.id) requireUnnarrowed(principal, key);
    return keyBounds(
      { expiresAtMs: expiresAt === undefined ? undefined : Date.parse(expiresAt), scope },
      {
        principal,
        nowMs: this.clock.nowMs(),
        maker: maker?.id === principal.id ? (key ?? UNBOUNDED_KEY) : UNBOUNDED_KEY,
      },
    );
  }

  /** @returns the request of another operator that this call confirms; null: none is needed */
  async #requireMayMake(
    principal: PrincipalRow,
    isGuarded: boolean,
    request: string | undefined,
    maker: Caller,
  ): Promise<string | null> {
    if (maker.id === principal.id) return null;
    if (!maker.permissions.has('principal.write')) {
      throw new BrokerError('forbidden', { detail: 'Only an operator makes keys for other principals.' });
    }
    if (!isGuarded || (await this.keys.countOf(principal.id)) === 0) return null;
    if (request !== undefined) return this.#confirm(principal.id, request, maker);
    const id = newId();
    const asked = { id, principalId: principal.id, requestedBy: maker.id, requestedWith: apiKeyOf(maker) };
    await this.record.together(async (at) => {
      await at.of(KeyRequestRepository).insert(asked, REQUEST_MS);
      const after = { request: id, principal: principal.name };
      const subject = { kind: 'principal', name: principal.name } as const;
      return { result: undefined, note: { act: 'key.requested', by: maker, subject, after, outcome: 'asked' } };
    });
    throw new BrokerError('key_needs_second_operator', {
      detail: `The request is ${id}, for ${REQUEST_MS / 60_000} minutes.`,
      fields: { request: id },
    });
  }

  /** Who let somebody act by making a key; null where nobody did: it was signed in by its identity provider. */
  async #originOf(key: string | null): Promise<PrincipalId | null> {
    return key === null ? null : this.keys.originOf(key);
  }

  /** A second operator is a different person, whose key the first has not made, nor the other way round. */
  async #confirm(principalId: PrincipalId, id: string, maker: Caller): Promise<string> {
    const request = await this.requests.find(id, principalId);
    if (request === undefined) throw new BrokerError('key_request_not_found');
    const [requester, first, second] = await Promise.all([
      this.principals.findById(request.requestedBy),
      this.#originOf(request.requestedWith),
      this.#originOf(apiKeyOf(maker)),
    ]);
    const isSamePerson = requester === undefined || personOf(requester) === maker.person;
    if (isSamePerson || first === maker.id || second === request.requestedBy) {
      throw new BrokerError('key_request_own');
    }
    return id;
  }
}
