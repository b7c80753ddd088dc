import { describe, expect, it } from 'vitest';
import { domainOf, isEmailAddress, senderIn } from './email-address.js';

describe('an address that is written to', () => {
  it.each(['a@b', 'ann.o-neil+x@mail.example.com', "o'neil@example.com", 'A_B@EXAMPLE.COM'])('may be %s', (address) => {
    expect(isEmailAddress(address)).toBe(true);
  });

  it.each([
    '',
    'ann',
    '@example.com',
    'ann@',
    'ann@example..com',
    'ann@-example.com',
    'ann@example.com, eve@example.com',
    'ann@example.com\r\nBcc: eve@example.com',
    'ann@example.com\n',
    'ann@example.com>',
    '<ann@example.com>',
    '"ann x"@example.com',
    'ann(comment)@example.com',
    'ann@[127.0.0.1]',
    'ann@exämple.com',
    'änn@example.com',
    'ann\u202e@example.com',
    'ann\u0000@example.com',
    `${'a'.repeat(65)}@example.com`,
    `ann@${'a.'.repeat(130)}com`,
  ])('is not %j', (address) => {
    expect(isEmailAddress(address)).toBe(false);
  });
});

describe('who mail is from', () => {
  it('is an address, or a name with one in brackets', () => {
    expect(senderIn('doorwarden@example.com')).toEqual({ address: 'doorwarden@example.com', name: '' });
    expect(senderIn(' The door <doorwarden@example.com> ')).toEqual({
      address: 'doorwarden@example.com',
      name: 'The door',
    });
  });

  it.each([
    '',
    'Doorwarden',
    'A <b',
    'A <b@c> d',
    'A\nB <b@example.com>',
    '"A" <b@example.com>',
    '<x> <b@example.com>',
  ])('is not %j', (text) => {
    expect(senderIn(text)).toBeUndefined();
  });

  it('has a domain, which message ids carry', () => {
    expect(domainOf('doorwarden@mail.example.com')).toBe('mail.example.com');
  });
});
