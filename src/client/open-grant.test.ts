import { expect, it } from 'vitest';
import type { FetchCall } from './api-call.js';
import { ApiFailure } from './api-failure.js';
import type { ApiRetry } from './api-retry.js';
import { connectDoorwarden, type DoorwardenClient } from './doorwarden-client.js';
import { openGrant } from './open-grant.js';

const ID = '01m7ytqm8g9xt6m7ken4f6b9rz';
const AT = '2026-11-30T07:15:00.123Z';
const GRANT = {
  id: ID,
  state: 'requested',
  principal: { id: ID, name: 'agent', kind: 'agent' },
  sponsor: null,
  target: 'shop',
  protocol: 'mysql',
  task: { title: 'Count', reference: null },
  access: [],
  ttlSeconds: 600,
  onHold: 'wait',
  approval: null,
  deadline: AT,
  closeReason: null,
  closedBy: null,
  refusal: null,
  requestedAt: AT,
  activeAt: null,
  closingAt: null,
  sealedAt: null,
  outlook: null,
  waiting: [],
};

/** How a try of the request goes. */
type Try = 'unheard' | 'lost' | readonly [status: number, body: string];

const UNHEARD = 'unheard';
const LOST = 'lost';
const LIMITED = [429, '{"code":"too_many_requests","title":"Too many.","next":"Wait."}'] as const;
const LIMITED_BY_A_PROXY = [429, '<html>'] as const;
const BETWEEN = [502, '<html>'] as const;
const AWAY = [503, '{"code":"state_unavailable","title":"Away.","next":"Wait."}'] as const;
const IN_USE = [409, '{"code":"idempotency_key_in_use","title":"Running.","next":"Wait."}'] as const;
const FORBIDDEN = [403, '{"code":"forbidden","title":"No."}'] as const;

/** A broker whose first answers to a request are these; the patience of its client ends with the last of them. */
class Broker {
  readonly requests: { readonly path: string; readonly key: string | undefined }[] = [];
  readonly client: DoorwardenClient;

  constructor(private readonly tries: readonly Try[]) {
    const patienceMs = (): number => (this.asked().length < tries.length ? 60_000 : 0);
    const retry: ApiRetry = {
      get firstMs() {
        return patienceMs();
      },
      get laterMs() {
        return patienceMs();
      },
    };
    this.client = connectDoorwarden({ api: 'http://broker', credential: 'dw_key', fetch: this.answer, retry });
  }

  asked(): readonly (string | undefined)[] {
    return this.requests.filter(({ path }) => path.startsWith('/v1/grants?')).map(({ key }) => key);
  }

  closed(): number {
    return this.requests.filter(({ path }) => path === `/v1/grants/${ID}/close`).length;
  }

  private readonly answer: FetchCall = async (url, { headers }) => {
    const path = url.slice('http://broker'.length);
    this.requests.push({ path, key: headers['idempotency-key'] });
    const now = path.startsWith('/v1/grants?') ? this.tries[this.asked().length - 1] : undefined;
    if (now === UNHEARD) throw failedFetch('ECONNREFUSED');
    if (now === LOST) throw failedFetch('ECONNRESET');
    const [status, body] = now ?? [200, JSON.stringify(GRANT)];
    return Promise.resolve(new Response(body, { status, headers: { 'retry-after': '0' } }));
  };
}

/** As Node.js throws it. */
function failedFetch(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

it.each<[string, readonly Try[], boolean]>([
  ['the limiter refused every try', [LIMITED, LIMITED], false],
  ['the limiter of a proxy did', [LIMITED_BY_A_PROXY], false],
  ['nobody listened', [UNHEARD, UNHEARD], false],
  ['nobody listened, then the limiter refused', [UNHEARD, LIMITED], false],
  ['the limiter refused, then nobody listened', [LIMITED, UNHEARD], false],
  ['the limiter refused, then the broker', [LIMITED, FORBIDDEN], false],
  ['the limiter refused, then the answer was lost', [LIMITED, LOST], true],
  ['the answer was lost, then the limiter refused', [LOST, LIMITED], true],
  ['the answer was lost, then nobody listened', [LOST, UNHEARD], true],
  ['the answer was lost, then the broker refused', [LOST, FORBIDDEN], true],
  ['something in between answered, then the limiter refused twice', [BETWEEN, LIMITED, LIMITED], true],
  ['the broker had trouble of its own', [AWAY], true],
  ['the limiter refused, then an earlier try went on', [LIMITED, IN_USE], true],
])(
  'a request is asked for once more, to be closed, only where a try may have arrived: %s',
  async (_, tries, isAgain) => {
    const broker = new Broker(tries);
    const request = { target: 'shop', task: { title: 'Count' }, ttlSeconds: 600 };
    const error: unknown = await openGrant(broker.client, request).catch((reason: unknown) => reason);
    if (!(error instanceof ApiFailure)) throw new Error('It did not fail so', { cause: error });
    expect(error.mayHaveArrived).toBe(isAgain);
    const asked = broker.asked();
    expect([asked.length, broker.closed()]).toEqual(isAgain ? [tries.length + 1, 1] : [tries.length, 0]);
    expect(new Set(asked).size).toBe(1);
  },
);
