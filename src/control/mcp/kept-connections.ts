import type { ConnectionView } from '../../contracts/grants/grant.js';
import { grantIdOf } from '../../domain/ids.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { ProviderKey } from '../../keys/provider-key.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
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

/**
 * The connections whose one showing the MCP server took. Nothing of them is stored but the verifier, as of every connection:
 * the password follows from the key of the apis and the grant, so that any api can log in again, for the grant's own
 * principal and while the grant is active. The server may have used it before the agent is shown it, which happens once.
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
    const { grants, clock } = this.#parts;
    const known = await this.#find(caller, id);
    const { secret, grant, rules } = known;
    const isFirst = await grants.takeConnection(grant.id, clock.nowMs(), rules.verifierOf(secret));
    if (isFirst) return this.#viewOf(caller, id);
    const mayShow = isKept(await this.#find(caller, id)) && (await grants.showKept(grant.id, clock.nowMs()));
    return this.#viewOf(caller, id, mayShow);
  }

  /** For a statement that the server runs: what it has used before, else the one showing. @throws as {@link take} */
  async connectionOf(caller: Caller, id: string): Promise<ConnectionView> {
    const { grants, clock } = this.#parts;
    const known = await this.#find(caller, id);
    const { secret, grant, rules } = known;
    // Another statement of the same grant may be faster: the password is the same.
    if (grant.connectionShownAtMs === null) {
      await grants.keepConnection(grant.id, clock.nowMs(), rules.verifierOf(secret));
    }
    return this.#viewOf(caller, id);
  }

  /** As it is now: an endpoint has its place only while the grant is active. */
  async #viewOf(caller: Caller, id: string, mayShow = true): Promise<ConnectionView> {
    const now = await this.#find(caller, id);
    const { grant, rules, secret } = now;
    if (!mayShow || grant.state !== 'active' || grant.connectionShownAtMs === null || !isKept(now)) {
      throw notShown(grant);
    }
    return connectionViewOf(grant, rules, secret);
  }

  /** A caller cannot tell whether grants of others exist. */
  async #find({ id: principal }: Caller, id: string): Promise<KnownGrant> {
    const { grants, protocols } = this.#parts;
    const grant = await grants.find(grantIdOf(id));
    if (grant === undefined || grant.principalId !== principal) throw new BrokerError('grant_not_found');
    const key = await this.#obtain();
    const secret = key.derive({ grant: grant.id, principal: grant.principalId, account: grant.taskAccount });
    return { grant, rules: protocols.named(grant.protocol).grants, secret };
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
  /** The password that the MCP server has for it, if it took the showing. */
  readonly secret: string;
}

/** Whether the credential is the one that the MCP server makes, and no other that was shown. */
function isKept({ grant: { verifier }, rules, secret }: KnownGrant): boolean {
  return verifier !== null && rules.isSecretOf(verifier, secret);
}
