import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const keySetSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), crv: z.string().optional(), x: z.string().optional() })),
});

/** The file is no JSON Web Key Set. */
export class KeysUnreadable extends Error {}

/** The public keys in a file, as `GET /v1/keys` gives them. @throws KeysUnreadable, SyntaxError, or why it cannot be read */
export async function readKeys(path: string) {
  const parsed = keySetSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success) throw new KeysUnreadable(`${path} is not a JSON Web Key Set.`);
  return parsed.data.keys.map(({ kty, crv, x }) => ({
    kty,
    ...(crv === undefined ? {} : { crv }),
    ...(x === undefined ? {} : { x }),
  }));
}
