import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ApiConfig } from '../../config/api.js';
import { PAGE_LIMIT_DEFAULT, WAIT_SECONDS_MAX } from '../../contracts/call-limits.js';
import type { AnyTargetView } from '../../contracts/grants/target.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import type { Caller } from '../http/access.js';
import { Authenticator } from '../identity/authenticator.js';
import { FailureLimit } from '../limits/failure-limit.js';
import { API_CONFIG, PROTOCOLS } from '../modules/tokens.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';
import { TargetsService } from '../targets/targets.service.js';
import { connectingWords } from './connecting.js';

/** What somebody finds at the address of the broker who comes with a program. */
export interface Entrance {
  /** Scheme, host and port that links begin with. */
  readonly origin: string;
  readonly limits: EntranceLimits;
  /** How clients connect, a sentence for each protocol of targets. */
  readonly connecting: readonly string[];
  /** Undefined: anyone who asks brought no credential. */
  readonly caller: EntranceCaller | undefined;
}

/** How much a caller may do; null: the operator set no limit. */
export interface EntranceLimits {
  readonly callsPerMinute: number | null;
  readonly grantsPerMinute: number | null;
  /** Of one call that waits. */
  readonly waitSecondsMax: number;
}

export interface EntranceCaller {
  readonly name: string;
  readonly roles: readonly string[];
  /** What it may ask for; undefined for a caller who does not ask for grants. */
  readonly targets: readonly AnyTargetView[] | undefined;
  /** There are more targets than are told here. */
  readonly hasMore: boolean;
}

/** Says to a caller without a credential what everybody may know, and to an agent what it may ask for. */
@Injectable()
export class EntranceReader {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly failures: FailureLimit,
    private readonly targets: TargetsService,
    private readonly address: PublicAddress,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(PROTOCOLS) private readonly protocols: readonly TargetProtocol[],
  ) {}

  /**
   * A credential that is no good is refused as everywhere: an agent learns of it at the first call that it makes.
   * @throws BrokerError what {@link Authenticator.authenticate} and {@link FailureLimit.whileTrying} throw, `state_unavailable`
   */
  async read(request: Request, response: Response): Promise<Entrance> {
    const { LIMIT_CALLS_PER_MINUTE: calls, LIMIT_GRANTS_PER_MINUTE: grants } = this.config;
    return {
      origin: this.address.origin,
      limits: {
        callsPerMinute: calls === 0 ? null : calls,
        grantsPerMinute: grants === 0 ? null : grants,
        waitSecondsMax: WAIT_SECONDS_MAX,
      },
      connecting: this.protocols.map(connectingWords),
      caller: await this.#caller(request, response),
    };
  }

  async #caller(request: Request, response: Response): Promise<EntranceCaller | undefined> {
    if (request.headers.authorization === undefined) return undefined;
    const caller = await this.failures.whileTrying(request, response, () => this.authenticator.authenticate(request));
    const { name, roles } = caller;
    if (!mayAsk(caller)) return { name, roles, targets: undefined, hasMore: false };
    const { items, next } = await this.targets.list({ limit: PAGE_LIMIT_DEFAULT }, caller);
    return { name, roles, targets: items, hasMore: next !== null };
  }
}

function mayAsk({ permissions }: Caller): boolean {
  return permissions.has('grant.request') && permissions.has('target.list');
}
