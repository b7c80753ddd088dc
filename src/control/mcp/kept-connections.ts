import type { ConnectionView } from '../../contracts/grant.js';
import type { ProviderKey } from '../../keys/provider-key.js';
import { BrokerError } from '../../kernel/errors.js';
import type { GrantRow } from '../../persistence/entities/grant.js';
import type { Caller } from '../http/access.js';
import type { GrantsService } from '../grants/grants.service.js';

/** What the connections say when they cannot be had; pino's loggers fit. */
interface KeptLog {
  warn(fields: object, message: string): void;
}

export interface KeptConnectionsParts {
  readonly grants: GrantsService;
  /** Reads the key, or makes it: it is not needed before somebody uses the MCP server. */
  readonly loadKey: () => Promise<ProviderKey>;
  readonly log: KeptLog;
}

/**
 * The connections whose one showing the MCP server took. Nothing of them is stored: the password follows from the key of
 * the apis and the grant, so that any api can log in again, for the grant's own principal and while the grant is active.
 */
export class KeptConnections {
  readonly #parts: KeptConnectionsParts;
  #key: Promise<ProviderKey> | undefined;

  constructor(parts: KeptConnectionsParts) {
    this.#parts = parts;
  }

  /** The one showing. @throws BrokerError as the call for the connection does, `mcp_key_missing` */
  take(caller: Caller, grantId: string): Promise<ConnectionView> {
    return this.#parts.grants.keptConnection(caller, grantId, this.#secretOf);
  }

  /** What was shown here before, else the one showing. @throws BrokerError as {@link take} */
  async connectionOf(caller: Caller, grantId: string): Promise<ConnectionView> {
    const { grants } = this.#parts;
    const kept = await grants.keptConnectionAgain(caller, grantId, this.#secretOf);
    if (kept !== undefined) return kept;
    try {
      return await this.take(caller, grantId);
    } catch (error) {
      const isLate = error instanceof BrokerError && error.code === 'connection_already_fetched';
      // Another statement of the same grant may have been faster.
      const taken = isLate ? await grants.keptConnectionAgain(caller, grantId, this.#secretOf) : undefined;
      if (taken === undefined) throw error;
      return taken;
    }
  }

  readonly #secretOf = async ({ id, principalId, taskAccount }: GrantRow): Promise<string> => {
    const key = await this.#obtain();
    return key.derive({ grant: id, principal: principalId, account: taskAccount });
  };

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
