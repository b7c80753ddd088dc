import { Agent, get } from 'node:http';
import { expect, it } from 'vitest';
import { startFurtherApi } from '../support/further-api.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();

/** Of so many, some have asked when the api stops, and their connections are not idle. */
const CLIENTS = 8;

/** Whether it was answered. */
function ask(url: string, agent: Agent): Promise<boolean> {
  return new Promise((told) => {
    const request = get(url, { agent }, (response) => response.resume().once('end', () => told(true)));
    request.once('error', () => told(false));
  });
}

it('an api ends in order while clients ask it again and again on connections that are kept', async () => {
  const api = await startFurtherApi(broker());
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  let answers = 0;
  const askOn = async (): Promise<void> => {
    while (await ask(`${api.api}/health/ready`, agent)) answers += 1;
  };
  const asking = Array.from({ length: CLIENTS }, askOn);
  await expect.poll(() => answers).toBeGreaterThan(10 * CLIENTS);
  expect(await api.stop()).toBe(0);
  await Promise.all(asking);
  agent.destroy();
});
