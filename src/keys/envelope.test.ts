import { CompactEncrypt } from 'jose';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BrokerError } from '../kernel/errors.js';
import { EnvelopeKey, sealPassword } from './envelope.js';
import { makeJwkText, parsePrivateJwk } from './okp-jwk.js';

const label = {
  targetId: '01k9target',
  host: 'db.example',
  port: 3306,
  tls: { mode: 'verify-ca', ca: 'a PEM' },
  username: 'prov',
};

async function newKey(): Promise<EnvelopeKey> {
  return new EnvelopeKey(await parsePrivateJwk(makeJwkText('X25519'), 'X25519', 'test'));
}

async function refusalOf(opened: Promise<string>): Promise<string | undefined> {
  const error: unknown = await opened.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BrokerError)) throw new Error('expected a refusal', { cause: error });
  expect(error.code).toBe('target_credential_missing');
  return error.detail;
}

describe('an envelope', () => {
  it('gives back the password it was made with, to the key it was made for', async () => {
    const key = await newKey();
    const envelope = await sealPassword('pässwörd \u{1f511}', label, key.publicJwk);
    expect(await key.open(envelope, label)).toBe('pässwörd \u{1f511}');
  });

  it('is different every time and does not show the password', async () => {
    const { publicJwk } = await newKey();
    const [first, second] = [
      await sealPassword('hunter2', label, publicJwk),
      await sealPassword('hunter2', label, publicJwk),
    ];
    expect(first).not.toBe(second);
    expect(Buffer.from(first, 'base64url').toString('latin1')).not.toContain('hunter2');
  });

  it.each([
    { ...label, targetId: 'other' },
    { ...label, host: 'evil.example' },
    { ...label, port: 3307 },
  ])('does not open for another target or endpoint: %o', async (other) => {
    const key = await newKey();
    const envelope = await sealPassword('x', label, key.publicJwk);
    expect(await refusalOf(key.open(envelope, other))).toContain('another target or endpoint');
  });

  it.each([
    { ...label, tls: { mode: 'off' } },
    { ...label, tls: { mode: 'unverified', ca: 'a PEM' } },
    { ...label, tls: { mode: 'verify-ca' } },
    { ...label, tls: { mode: 'verify-ca', ca: 'another PEM' } },
    { ...label, tls: { ...label.tls, serverName: 'evil.example' } },
    { ...label, username: 'root' },
  ])('binds TLS mode, CA, server name and user name: %o', async (other) => {
    const key = await newKey();
    const envelope = await sealPassword('x', label, key.publicJwk);
    expect(await refusalOf(key.open(envelope, other))).toContain('another TLS mode, CA, server or user name');
  });

  it('of an earlier version, which bound the endpoint only, does not open', async () => {
    const key = await newKey();
    const { targetId: tid, host, port } = label;
    const old = await new CompactEncrypt(new TextEncoder().encode('x'))
      .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: key.publicJwk.kid, tid, ep: `${host}:${port}` })
      .encrypt({ ...key.publicJwk });
    expect(await refusalOf(key.open(old, label))).toContain('give the password again');
  });

  it('does not open with another key', async () => {
    const envelope = await sealPassword('x', label, (await newKey()).publicJwk);
    expect(await refusalOf((await newKey()).open(envelope, label))).toContain('another envelope key');
  });

  it('does not open when its label was rewritten', async () => {
    const key = await newKey();
    const [head = '', ...rest] = (await sealPassword('x', label, key.publicJwk)).split('.');
    const elsewhere = { ...label, host: 'evil.example' };
    const [other = ''] = (await sealPassword('y', elsewhere, key.publicJwk)).split('.');
    const header: object = JSON.parse(Buffer.from(head, 'base64url').toString());
    const { bnd } = z.looseObject({ bnd: z.string() }).parse(JSON.parse(Buffer.from(other, 'base64url').toString()));
    const forged = Buffer.from(JSON.stringify({ ...header, ep: 'evil.example:3306', bnd })).toString('base64url');
    const opened = key.open([forged, ...rest].join('.'), elsewhere);
    expect(await refusalOf(opened)).toContain('cannot be decrypted');
  });

  it.each(['', 'x', 'a.b.c.d.e'])('refuses what is no envelope: %j', async (text) => {
    expect(await refusalOf((await newKey()).open(text, label))).toBeDefined();
  });
});
