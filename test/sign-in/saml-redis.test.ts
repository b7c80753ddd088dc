import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AcsForm } from '../../src/idp/saml/acs-form.js';
import { beginSaml } from '../../src/idp/saml/begin-saml.js';
import { audienceOf } from '../../src/idp/saml/saml-provider.js';
import { OneTimeValues } from '../../src/messaging/one-time-values.js';
import { ValueSigner } from '../../src/messaging/value-signer.js';
import { servers } from '../support/engines.js';
import { LyingSaml, type SamlKeys, makeSamlKeys } from '../support/idp/lying-saml.js';
import { SAML_CASES } from '../support/idp/saml-cases.js';
import { newRelayState, play, samlProvider } from '../support/idp/saml-play.js';

const LOADER = fileURLToPath(new URL('../../src/kernel/load-typescript.mjs', import.meta.url));
const PROGRAM = fileURLToPath(new URL('saml-process.ts', import.meta.url));
const FORMS = 20;

let redis: Redis;
let prefix: string;
let keys: SamlKeys;

beforeAll(async () => {
  redis = new Redis(servers().redis.url);
  prefix = `test-${crypto.randomUUID()}`;
  keys = await makeSamlKeys();
});

afterAll(async () => {
  const left = await redis.keys(`${prefix}:*`);
  if (left.length > 0) await redis.del(left);
  redis.disconnect();
});

/** A process that finishes sign-ins, once it is ready. */
async function finisher() {
  const args = ['--no-warnings', '--experimental-transform-types', '--import', LOADER, PROGRAM];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('ready');
  return {
    async finish(work: object): Promise<readonly string[]> {
      const ended = once(child, 'exit');
      child.stdin.end(`${JSON.stringify(work)}\n`);
      const { value } = await lines.next();
      await ended;
      return JSON.parse(String(value)) as readonly string[];
    },
  };
}

describe('SAML with the values that are used once in Redis', () => {
  it('lets one of two processes have each answer that both are brought', async () => {
    const provider = samlProvider('corp', { issuer: 'https://idp.example', certificates: [keys.current.certificate] });
    const host = {
      oneTime: new OneTimeValues(redis, prefix, new ValueSigner(Buffer.alloc(32))),
      nowMs: () => Date.now(),
    };
    const forms: AcsForm[] = [];
    for (let count = 0; count < FORMS; count += 1) {
      const relayState = newRelayState();
      const { requestId } = await beginSaml(provider, { relayState, reauthenticate: false }, host);
      const { settings, place } = provider;
      const asked = { issuer: settings.issuer, audience: audienceOf(provider), acs: place.acs, requestId };
      const answer = new LyingSaml(asked, keys.current).answer();
      forms.push({ samlResponse: Buffer.from(answer).toString('base64'), relayState });
    }
    const processes = await Promise.all([finisher(), finisher()]);
    const work = { redisUrl: servers().redis.url, prefix, provider, forms };
    const [one = [], other = []] = await Promise.all(processes.map((process) => process.finish(work)));
    const outcomes = forms.map((_, index) => new Set([one[index], other[index]]));
    expect(outcomes).toStrictEqual(forms.map(() => new Set(['accepted', 'saml_request'])));
  });

  it('keeps nothing by which an answer could be brought, and everything for minutes only', async () => {
    const provider = samlProvider('corp', { issuer: 'https://idp.example', certificates: [keys.current.certificate] });
    const host = {
      oneTime: new OneTimeValues(redis, `${prefix}:kept`, new ValueSigner(Buffer.alloc(32))),
      nowMs: () => Date.now(),
    };
    const relayState = newRelayState();
    const { requestId } = await beginSaml(provider, { relayState, reauthenticate: false }, host);
    const [key = '', ...more] = await redis.keys(`${prefix}:kept:*`);
    expect(more).toStrictEqual([]);
    expect(`${key} ${await redis.get(key)}`).not.toMatch(new RegExp(`${relayState}|${requestId}`));
    const leftMs = await redis.pttl(key);
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(600_000);
  });

  it('ends each case as without Redis', async () => {
    for (const played of SAML_CASES) {
      const outcome = await play(
        played,
        keys,
        new OneTimeValues(redis, `${prefix}:case-${played.id}`, new ValueSigner(Buffer.alloc(32))),
      );
      expect([played.id, 'refused' in outcome ? outcome.refused : 'accepted']).toStrictEqual([
        played.id,
        played.outcome,
      ]);
    }
  });
});
