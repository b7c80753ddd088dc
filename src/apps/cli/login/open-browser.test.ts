import { expect, it } from 'vitest';
import { browserOpener, openBrowser } from './open-browser.js';

it.each([
  ['at a desktop of Linux', { DISPLAY: ':0' }, 'linux', true, ['xdg-open']],
  ['with Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true, ['xdg-open']],
  ['on macOS', {}, 'darwin', true, ['open']],
  ['on Windows', {}, 'win32', true, ['rundll32', 'url.dll,FileProtocolHandler']],
  ['where the user says which', { BROWSER: '/usr/bin/firefox' }, 'linux', false, ['/usr/bin/firefox']],
  ['in a script', { DISPLAY: ':0' }, 'linux', false, undefined],
  ['over ssh', { DISPLAY: ':10', SSH_CONNECTION: '1 2 3 4' }, 'linux', true, undefined],
  ['without a screen', {}, 'linux', true, undefined],
  ['where the user wants none', { BROWSER: 'none', DISPLAY: ':0' }, 'linux', true, undefined],
] as const)('a browser is opened %s as it fits', (_, env, platform, isTerminal, opener) => {
  expect(browserOpener(env, platform, isTerminal)).toEqual(opener);
});

it('only pages are opened', () => {
  expect(openBrowser('file:///etc/passwd')).toBe(false);
});
