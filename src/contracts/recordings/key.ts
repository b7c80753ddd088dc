import { z } from 'zod';

/** The public keys that sealed recordings verify with, as a JSON Web Key Set (RFC 7517, RFC 8037). */
export const keySetView = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string(),
        use: z.literal('sig'),
        alg: z.literal('EdDSA'),
      }),
    ),
  })
  .meta({ id: 'KeySet' });
export type KeySetView = z.infer<typeof keySetView>;
