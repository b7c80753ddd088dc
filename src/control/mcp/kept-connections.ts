import type { ConnectionView } from '../../contracts/grant.js';
import { grantIdOf } from '../../domain/ids.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { ProviderKey } from '../../keys/provider-key.js';
import type { GrantRow } from '../../persistence/entities/grant.js';
import type { GrantRepository } from '../../persistence/grants/grant.repository.js';
import type { GrantRules } from '../../protocol/grant-rules.js';
import { connectionViewOf } from '../grants/grant-view.js';
import { notShown } from '../grants/grants.service.js';
import type { Caller } from '../http/access.js';
import type { KnownProtocols } from '../modules/known-protocols.js';

/** What the connections say when they cannot be had; pino's loggers fit. */
interface KeptLog {
  warn(fields: object, message: string): void;
}

export interface KeptConnectionsParts {
  readonly grants: GrantRepository;
  readonly protocols: KnownProtocols;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Reads the key, or makes it: it is not needed before somebody uses the MCP server. */
  readonly loadKey: () => Promise<ProviderKey>;
  readonly log: KeptLog;
}

/** Who has a password: the MCP server alone, or the agent too, to whom it was shown. */
type Sight = 'unseen' | 'seen';

/**
 * The connections whose one showing the MCP server took. Nothing of them is stored but the verifier, as of every connection:
 * the password follows from the key of the apis and the grant, so that any api can log in again, for the grant's own
 * principal and while the grant is active. While only the server has used it, nobody has seen it; when the agent asks for it,
 * it is shown another one, once, and the server goes on with that.
 */
export class KeptConnections {
  readonly #parts: KeptConnectionsParts;
  #key: Promise<ProviderKey> | undefined;

  constructor(parts: KeptConnectionsParts) {
    this.#parts = parts;
  }

  /**
   * Shows the connection, once and to the requester only.
   * @throws BrokerError `grant_not_found`, `connection_not_ready`, `grant_not_active`, `connection_already_fetched`,
   *   `mcp_key_missing`
   */
  async take(caller: Caller, id: string): Promise<ConnectionView> {
    const known = await this.#find(caller, id);
    const secret = await this.#secretOf(known.grant, 'seen');
    return this.#show(caller, known, secret);
  }

  /** For a statement that the server runs: what it has used before, else the one showing. @throws as {@link take} */
  async connectionOf(caller: Caller, id: string): Promise<ConnectionView> {
    const known = await this.#find(caller, id);
    const { grant, rules } = known;
    if (grant.connectionShownAtMs === null) {
      return this.#showUnseen(caller, known);
    }
    if (grant.state !== 'active') throw notShown(grant);
    for (const sight of ['unseen', 'seen'] as const) {
      const secret = await this.#secretOf(grant, sight);
      if (isKept(known, secret)) return connectionViewOf(grant, rules, secret);
    }
    throw new BrokerError('connection_already_fetched');
  }

  async #showUnseen(caller: Caller, known: KnownGrant): Promise<ConnectionView> {
    const secret = await this.#secretOf(known.grant, 'unseen');
    const isShown = await this.#takeShowing(known, secret);
    const now = await this.#find(caller, known.grant.id);
    if (isShown) return connectionViewOf(now.grant, now.rules, secret);
    // Another statement of the same grant may have been faster.
    if (now.grant.state === 'active' && isKept(now, secret)) return connectionViewOf(now.grant, now.rules, secret);
    throw notShown(now.grant);
  }

  async #show(caller: Caller, known: KnownGrant, secret: string): Promise<ConnectionView> {
    const isFirst = await this.#takeShowing(known, secret);
    const now = await this.#find(caller, known.grant.id);
    if (isFirst) return connectionViewOf(now.grant, now.rules, secret);
    if (now.grant.state !== 'active' || !isKept(now, await this.#secretOf(now.grant, 'unseen'))) {
      throw notShown(now.grant);
    }
    const { grants, clock } = this.#parts;
    const isReplaced = await grants.replaceCredential(now.grant, clock.nowMs(), now.rules.verifierOf(secret));
    if (!isReplaced) throw notShown((await this.#find(caller, known.grant.id)).grant);
    return connectionViewOf(now.grant, now.rules, secret);
  }

  #takeShowing({ grant, rules }: KnownGrant, secret: string): Promise<boolean> {
    const { grants, clock } = this.#parts;
    return grants.takeConnection(grant.id, clock.nowMs(), rules.verifierOf(secret));
  }

  /** A caller cannot tell whether grants of others exist. */
  async #find({ id: principal }: Caller, id: string): Promise<KnownGrant> {
    const { grants, protocols } = this.#parts;
    const grant = await grants.find(grantIdOf(id));
    if (grant === undefined || grant.principalId !== principal) throw new BrokerError('grant_not_found');
    return { grant, rules: protocols.named(grant.protocol).grants };
  }

  async #secretOf({ id, principalId, taskAccount }: GrantRow, use: Sight): Promise<string> {
    const key = await this.#obtain();
    return key.derive({ use, grant: id, principal: principalId, account: taskAccount });
  }

  /** A failure is not kept: the file may be there a moment later. */
  async #obtain(): Promise<ProviderKey> {
    try {
      return await (this.#key ??= this.#parts.loadKey());
    } catch (cause) {
      this.#key = undefined;
      this.#parts.log.warn({ err: cause }, 'the key for connections of the MCP server cannot be had');
      throw new BrokerError('mcp_key_missing', { cause });
    }
  }
}

interface KnownGrant {
  readonly grant: GrantRow;
  /** Of its protocol. */
  readonly rules: GrantRules;
}

function isKept({ grant: { verifier }, rules }: KnownGrant, secret: string): boolean {
  return verifier !== null && rules.isSecretOf(verifier, secret);
}
