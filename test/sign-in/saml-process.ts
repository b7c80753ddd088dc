// A process of its own that finishes sign-ins: it says that it is ready, reads one line with all forms, finishes all of
// them at once, and prints what came of each.
import { Redis } from 'ioredis';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { finishSaml } from '../../src/idp/saml/finish-saml.js';
import type { SamlProvider } from '../../src/idp/saml/saml-provider.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { OneTimeValues } from '../../src/messaging/one-time-values.js';
import { ValueSigner } from '../../src/messaging/value-signer.js';

const workSchema = z.object({
  redisUrl: z.string(),
  prefix: z.string(),
  provider: z.custom<SamlProvider>((value) => typeof value === 'object'),
  forms: z.array(z.object({ samlResponse: z.string(), relayState: z.string() })),
});

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { redisUrl, prefix, provider, forms } = workSchema.parse(JSON.parse(line));
  const redis = new Redis(redisUrl);
  const host = {
    oneTime: new OneTimeValues(redis, prefix, new ValueSigner(Buffer.alloc(32))),
    nowMs: () => Date.now(),
  };
  const outcomes = forms.map((form) =>
    finishSaml(provider, form, host).then(
      () => 'accepted',
      (error: unknown) => (error instanceof BrokerError ? String(error.fields['check']) : String(error)),
    ),
  );
  process.stdout.write(`${JSON.stringify(await Promise.all(outcomes))}\n`);
  redis.disconnect();
  break;
}
