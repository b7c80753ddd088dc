import { expect, it } from 'vitest';
import { protocolNamed } from './protocol-named.js';

const KNOWN = [{ name: 'mysql' }, { name: 'echo' }];

it('finds a protocol by its name', () => {
  expect(protocolNamed(KNOWN, 'echo')).toBe(KNOWN[1]);
});

it('says which protocols there are when it does not know the one of a target', () => {
  expect(() => protocolNamed(KNOWN, 'gopher')).toThrow(
    expect.objectContaining({ code: 'protocol_unknown', detail: 'It is "gopher"; known are: mysql, echo.' }),
  );
});
