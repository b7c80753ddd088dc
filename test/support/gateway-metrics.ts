import { z } from 'zod';
import { type Broker, type ProcessName } from './broker.js';

const listening = z.looseObject({ msg: z.literal('listening'), address: z.string(), port: z.int() });

/** The gateway's own figures, from its `/metrics`. */
export interface GatewayMetrics {
  readonly sessions: number;
  readonly grants: number;
  readonly openFiles: number;
}

export async function gatewayMetrics(broker: Broker, name: ProcessName = 'gateway'): Promise<GatewayMetrics> {
  const { address, port } = whereItListens(broker.logs(name));
  const response = await fetch(`http://${address}:${port}/metrics`);
  const text = await response.text();
  const value = (metric: string): number => {
    const found = new RegExp(`^${metric} (\\S+)$`, 'm').exec(text)?.[1];
    if (found === undefined) throw new Error(`The gateway has no metric ${metric}`);
    return Number(found);
  };
  return {
    sessions: value('doorwarden_gateway_sessions'),
    grants: value('doorwarden_gateway_grants'),
    openFiles: value('process_open_fds'),
  };
}

function whereItListens(log: string): z.output<typeof listening> {
  for (const line of log.split('\n')) {
    if (!line.includes('"listening"')) continue;
    const parsed = listening.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data;
  }
  throw new Error('The gateway has not said where it listens');
}
