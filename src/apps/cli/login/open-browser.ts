import { spawn } from 'node:child_process';
import type { Environment } from '../../../config/load.js';

/** What opens an address in a browser, by the system that a program runs on. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens a page where there seems to be a browser. Whether one came up, nobody knows: the address is said in any case. */
export function openBrowser(address: string): boolean {
  const opener = browserOpener(process.env, process.platform, process.stderr.isTTY);
  if (opener === undefined || !/^https?:$/.test(new URL(address).protocol)) return false;
  const [program = '', ...words] = opener;
  const child = spawn(program, [...words, address], { stdio: 'ignore', detached: true });
  child.once('error', () => undefined);
  child.unref();
  return true;
}

/**
 * The program that opens a browser: that of BROWSER; else the system's own for somebody who sits at the machine. Undefined
 * where nobody would see it: in a script, over ssh, or without a screen.
 */
export function browserOpener(
  env: Environment,
  platform: NodeJS.Platform,
  isTerminal: boolean,
): readonly string[] | undefined {
  const named = env['BROWSER'] ?? '';
  if (named !== '') return named === 'none' ? undefined : [named];
  if (!isTerminal || (env['SSH_CONNECTION'] ?? '') !== '') return undefined;
  const hasScreen = [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((screen = '') => screen !== '');
  return OPENERS[platform] ?? (hasScreen ? ['xdg-open'] : undefined);
}
