import { describe, expect, it } from 'vitest';
import { isSealKeyPoint } from './ed25519-key.js';
import { checkSignature } from './seal-signature.js';
import { generateSealKey, jwkSigner, keyIdOf, sealHeader } from './signer.js';

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
];
/** Of the base point: R and S = 1 are a signature of anything under the key that is the neutral point. */
const BASE = `58${'66'.repeat(31)}`;

function base64url(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}

async function jwsOf(x: string, payload: Buffer, signature: Buffer): Promise<string> {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
  const header = Buffer.from(JSON.stringify(sealHeader(await keyIdOf(jwk), jwk))).toString('base64url');
  return `${header}.${payload.toString('base64url')}.${signature.toString('base64url')}`;
}

describe('the key of a seal', () => {
  it('is no point of small order, for which anybody can sign anything', async () => {
    const payload = Buffer.from('anything');
    const forged = Buffer.concat([Buffer.from(BASE, 'hex'), Buffer.from(`01${'00'.repeat(31)}`, 'hex')]);
    for (const point of SMALL_ORDER) {
      expect(isSealKeyPoint(Buffer.from(point, 'hex'))).toBe(false);
      const jws = await jwsOf(base64url(point), payload, forged);
      expect(await checkSignature(jws, payload, undefined)).toMatchObject({ where: 'signature' });
    }
  });

  it('is in its one encoding', () => {
    for (const y of ['ed', 'ee', 'f0', 'ff']) {
      expect(isSealKeyPoint(Buffer.from(`${y}${'ff'.repeat(30)}7f`, 'hex'))).toBe(false);
      expect(isSealKeyPoint(Buffer.from(`${y}${'ff'.repeat(30)}ff`, 'hex'))).toBe(false);
    }
    expect(isSealKeyPoint(Buffer.from(BASE, 'hex'))).toBe(true);
    expect(isSealKeyPoint(Buffer.from(BASE, 'hex').subarray(1))).toBe(false);
  });
});

describe('the signature of a seal', () => {
  it('has an S below the order of the group', async () => {
    const jwk = await generateSealKey();
    const payload = Buffer.from('anything');
    const jws = await (await jwkSigner(jwk)).sign(payload);
    expect(await checkSignature(jws, payload, undefined)).toMatchObject({ keyTrusted: false });
    const signature = Buffer.from(jws.split('.')[2] ?? '', 'base64url');
    const s = BigInt(`0x${Buffer.from(signature.subarray(32).toReversed()).toString('hex')}`) + ORDER;
    const other = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').toReversed();
    const changed = await jwsOf(jwk.x ?? '', payload, Buffer.concat([signature.subarray(0, 32), other]));
    expect(await checkSignature(changed, payload, undefined)).toMatchObject({ where: 'signature' });
  });
});
