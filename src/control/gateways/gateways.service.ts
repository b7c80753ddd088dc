import { Injectable, Logger } from '@nestjs/common';
import type { GatewayList, GatewayView } from '../../contracts/broker/gateway.js';
import { signInText } from '../../domain/identity/sign-in.js';
import { assert } from '../../kernel/assert.js';
import { BrokerError } from '../../kernel/errors.js';
import { GatewayRepository, type PresentGateway } from '../../persistence/processes/gateway.repository.js';
import { GrantSignals } from '../../messaging/grant-signals.js';
import type { Caller } from '../http/access.js';
import { AdminRecord } from '../record/admin-record.js';
import { gatewayViewOf } from './gateway-view.js';

/** Which gateways there are; and one that shall go is asked to drain, which it does by itself then. */
@Injectable()
export class GatewaysService {
  readonly #log = new Logger('Gateways');

  constructor(
    private readonly gateways: GatewayRepository,
    private readonly signals: GrantSignals,
    private readonly record: AdminRecord,
  ) {}

  async list(): Promise<GatewayList> {
    return { items: (await this.gateways.present()).map(gatewayViewOf) };
  }

  /** Asking again changes nothing. @throws BrokerError `gateway_not_found` */
  async drain(caller: Caller, name: string): Promise<GatewayView> {
    const gateway = await this.#alive(name);
    const { id } = gateway;
    const asked = await this.record.together(async (at) => {
      const gateways = at.of(GatewayRepository);
      if (!(await gateways.askToDrain(id, caller.name))) throw new BrokerError('gateway_not_found');
      // Read here: one without grants is gone a moment after it was asked.
      const draining = (await gateways.present(name)).find((present) => present.id === id);
      assert(draining !== undefined, 'the row that was changed is there until the transaction ends');
      const before = gatewayViewOf(gateway);
      const subject = { kind: 'gateway', name } as const;
      return { result: draining, note: { act: 'gateway.drain', by: caller, subject, before } };
    });
    this.#log.warn(
      { gateway: id, name, by: caller.name, signIn: signInText(caller.signIn) },
      'a gateway was asked to drain',
    );
    this.signals.wakeGateway(id);
    return gatewayViewOf(asked);
  }

  async #alive(name: string): Promise<PresentGateway> {
    const alive = (await this.gateways.present(name)).find(({ isAlive }) => isAlive);
    if (alive === undefined) throw new BrokerError('gateway_not_found');
    return alive;
  }
}
