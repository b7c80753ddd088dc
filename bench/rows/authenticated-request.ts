import { request as sendRequest, Agent } from 'node:http';
import type { CallHeaders } from '../../test/support/idp/vouched-callers.js';
import { callersOf } from '../callers.js';
import { median } from '../figures.js';
import type { Row } from '../row.js';

const PATH = '/v1/targets?limit=1';
const WARM_UP = 300;
const ROUNDS = 3_000;

/**
 * What a request costs more that comes with a session or an agent's token that was seen a moment ago than one with an API
 * key. The three take turns, call by call, over one open connection each.
 */
export const authenticatedRequestRow: Row = {
  name: 'authenticated-request',
  what: 'GET /v1/targets with a session or a cached token, beyond the same with an API key, p50 of the dearer',
  bounds: { floor: 0.3, goal: 0.15, unit: 'ms', better: 'lower' },
  async measure({ broker, say }) {
    const { vouched } = broker;
    const callers = await callersOf(broker);
    const sides = [
      { name: 'key', call: caller(vouched.api, { authorization: `Bearer ${vouched.operatorKey}` }) },
      { name: 'token', call: caller(vouched.api, await callers.token('operator')) },
      { name: 'session', call: caller(vouched.api, await callers.session('operator')) },
    ];
    const samples = sides.map((): number[] => []);
    for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
      for (let turn = 0; turn < sides.length; turn += 1) {
        const place = (round + turn) % sides.length; // who goes first changes with every round
        const ms = (await sides[place]?.call()) ?? 0;
        if (round >= WARM_UP) samples[place]?.push(ms);
      }
    }
    const [key = 0, token = 0, session = 0] = samples.map(median);
    const detail = `${ROUNDS} of each, p50: key ${shown(key)}, token ${shown(token)}, session ${shown(session)}`;
    say(detail);
    return { value: Math.max(token, session) - key, samples: [token - key, session - key], detail };
  },
};

/** Makes the call over and over on one connection; each takes so many milliseconds. */
function caller(api: string, headers: CallHeaders): () => Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return () =>
    new Promise((resolve, reject) => {
      const startedMs = performance.now();
      const sent = sendRequest(`${api}${PATH}`, { agent, headers }, (response) => {
        response.resume().once('end', () => {
          if (response.statusCode === 200) resolve(performance.now() - startedMs);
          else reject(new Error(`GET ${PATH} answered ${response.statusCode}`));
        });
      });
      sent.once('error', reject).end();
    });
}

function shown(ms: number): string {
  return `${ms.toFixed(2)} ms`;
}
