import { type BrokerOptions } from './broker.js';
import { type TripwireProxy, startTripwireProxy } from './tripwire-proxy.js';

/** Proxies between single processes and the state database, to trip or cut the way of one and not of the others. */
export interface StateProxies {
  readonly gateway: TripwireProxy;
  readonly worker: TripwireProxy;
}

/** Gives what a broker's options need, and afterwards the proxies, which the one who asked for them closes. */
export function stateProxies(): {
  readonly envOf: NonNullable<BrokerOptions['envOf']>;
  readonly proxies: () => StateProxies;
  readonly close: () => Promise<void>;
} {
  let made: StateProxies | undefined;
  return {
    async envOf(env) {
      const url = new URL(env['DATABASE_URL'] ?? '');
      const address = { host: url.hostname, port: Number(url.port) };
      const [gateway, worker] = await Promise.all([startTripwireProxy(address), startTripwireProxy(address)]);
      made = { gateway, worker };
      const through = ({ port }: TripwireProxy): { DATABASE_URL: string } => {
        const own = new URL(url);
        own.port = String(port);
        return { DATABASE_URL: own.href };
      };
      return { gateway: through(gateway), worker: through(worker) };
    },
    proxies() {
      if (!made) throw new Error('The proxies are there inside of tests and hooks only');
      return made;
    },
    async close() {
      await Promise.all([made?.gateway.close(), made?.worker.close()]);
    },
  };
}
