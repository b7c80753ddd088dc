import { expect, it } from 'vitest';
import { mayConnect, mayConnectWithin } from './address-rules.js';

const PUBLIC = ['1.1.1.1', '93.184.216.34', '172.32.0.1', '192.167.255.255', '2606:4700::1111', '2a00:1450::1'];
const PRIVATE = [
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.168.1.1',
  '198.18.0.1',
  '::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  '::ffff:10.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:a9fe:a9fe',
  '64:ff9b::a00:1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '::127.0.0.1',
];
const NOWHERE = ['0.0.0.0', '0.1.2.3', '224.0.0.1', '255.255.255.255', '::', 'ff02::1', '::ffff:0.0.0.0'];
const NO_ADDRESS = [
  '',
  'localhost',
  '127.1',
  '0x7f000001',
  '2130706433',
  '0177.0.0.1',
  '1.1.1.1.',
  '[::1]',
  ' 1.1.1.1',
];

it.each(PUBLIC)('%s is public', (address) => {
  expect(mayConnect(address, false)).toBe(true);
  expect(mayConnect(address, true)).toBe(true);
});

it.each(PRIVATE)('%s is only for a provider that may be at private addresses', (address) => {
  expect(mayConnect(address, false)).toBe(false);
  expect(mayConnect(address, true)).toBe(true);
});

it.each([...NOWHERE, ...NO_ADDRESS])('"%s" is for nobody', (address) => {
  expect(mayConnect(address, false)).toBe(false);
  expect(mayConnect(address, true)).toBe(false);
});

it('lets only the networks be allowed that are named', () => {
  const may = mayConnectWithin(['10.1.0.0/16', '127.0.0.1', 'fd00:1::/32']);
  for (const address of ['10.1.2.3', '127.0.0.1', '::ffff:10.1.2.3', 'fd00:1::5', ...PUBLIC])
    expect(may(address)).toBe(true);
  for (const address of ['10.2.0.1', '127.0.0.2', '::1', 'fd00:2::5', ...NOWHERE, ...NO_ADDRESS]) {
    expect(may(address)).toBe(false);
  }
  for (const address of [...PRIVATE, ...NOWHERE, ...NO_ADDRESS]) expect(mayConnectWithin([])(address)).toBe(false);
  expect(mayConnectWithin(['0.0.0.0/1', '224.0.0.0/4'])('0.0.0.0')).toBe(false);
});
