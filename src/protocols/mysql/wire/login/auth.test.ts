import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as auth from './auth.js';

const SEEDED = { seed: 44, numRuns: 100 };
const hex = (text: string) => Buffer.from(text, 'hex');

describe('mysql_native_password', () => {
  it('keeps the hash that PASSWORD() gives', () => {
    // SELECT PASSWORD('secret') on MariaDB 10.11
    const { nativeHash } = auth.credentialVerifierOf('secret');
    expect(nativeHash.toString('hex').toUpperCase()).toBe('14E65567ABDB5135D0CFD9A70B3032C179A49EE7');
  });

  it('answers as the server expects it', () => {
    // From the login of a mysql client at MariaDB 10.11, password `secret`.
    const scramble = hex('5f21232b4f2c2f44487d5d3944293f44743e775f');
    expect(auth.scrambleNativePassword('secret', scramble).toString('hex')).toBe(
      '56259d9243dcab084313eaf651c94413390760f6',
    );
  });
});

describe('caching_sha2_password', () => {
  it('answers as the server expects it', () => {
    // The vectors of go-sql-driver/mysql's auth_test.go.
    const scramble = Buffer.from([10, 47, 74, 111, 75, 73, 34, 48, 88, 76, 114, 74, 37, 13, 3, 80, 82, 2, 23, 21]);
    expect(auth.scrambleCachingSha2Password('secret', scramble).toString('hex')).toBe(
      'f490e76f66d9d86665ce54d98c78d0acfe2fb0b08b423da807144873d30b312c',
    );
    expect(auth.scrambleCachingSha2Password('secret2', scramble).toString('hex')).toBe(
      'abc3934a012cf342e876071c8ee202de51785b430258a7a0138bc79c4d800bc6',
    );
  });
});

describe.each([
  ['mysql_native_password', auth.scrambleNativePassword, auth.verifyNativePassword],
  ['caching_sha2_password', auth.scrambleCachingSha2Password, auth.verifyCachingSha2Password],
])('a login with %s', (_, scrambleOf, verify) => {
  it('passes with the password and with nothing else', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (password, other) => {
        const scramble = auth.newScramble();
        const verifier = auth.credentialVerifierOf(password);
        expect(verify(scrambleOf(password, scramble), scramble, verifier)).toBe(true);
        expect(verify(scrambleOf(password, scramble), auth.newScramble(), verifier)).toBe(false);
        expect(verify(scrambleOf(other, scramble), scramble, verifier)).toBe(other === password);
      }),
      SEEDED,
    );
  });

  it('never passes with an empty answer, not even for an empty password', () => {
    const scramble = auth.newScramble();
    expect(scrambleOf('', scramble)).toHaveLength(0);
    expect(verify(Buffer.alloc(0), scramble, auth.credentialVerifierOf(''))).toBe(false);
  });

  it('does not pass with what the verifier holds', () => {
    const scramble = auth.newScramble();
    const verifier = auth.credentialVerifierOf('secret');
    expect(verify(verifier.nativeHash, scramble, verifier)).toBe(false);
    expect(verify(verifier.cachingSha2Hash, scramble, verifier)).toBe(false);
  });
});

describe('a scramble', () => {
  it('has 20 bytes of 7 bits, none of them NUL or $', () => {
    for (let index = 0; index < 500; index += 1) {
      const scramble = auth.newScramble();
      expect(scramble).toHaveLength(20);
      expect(scramble.every((byte) => byte > 0 && byte < 0x80 && byte !== 0x24)).toBe(true);
    }
  });
});

describe('the password for the full exchange', () => {
  it('is what the server decrypts to `password NUL` under the scramble', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const scramble = auth.newScramble();
    const password = 'a password longer than one scramble';
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const encrypted = auth.encryptPassword(password, scramble, pem);
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const decrypted = privateDecrypt({ key: privateKey, padding, oaepHash: 'sha1' }, encrypted);
    const plain = decrypted.map((byte, index) => byte ^ scramble.readUInt8(index % 20));
    expect(Buffer.from(plain).toString('utf8')).toBe(`${password}\0`);
  });

  it('is not sent under something that is no key', () => {
    expect(() => auth.encryptPassword('secret', auth.newScramble(), 'no key')).toThrow(/^target_protocol_violation/);
  });
});
