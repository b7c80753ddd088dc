import { spawnSync } from 'node:child_process';
import { bringUnpacked } from './unpacked-package.mjs';

/**
 * A foreign SAML identity provider, in `.local/simplesamlphp/`, and what it needs of PHP, in `.local/php-xml/`. Installed
 * by apt, it would bring a web server that listens on every address; unpacked, nothing runs until a test starts it.
 */
export async function bringSimpleSamlPhp() {
  const version = spawnSync('php', ['-r', 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;'], { encoding: 'utf8' });
  if (version.status !== 0) return 'unavailable: there is no PHP';
  const provider = await bringUnpacked({
    name: 'simplesamlphp',
    aptPackage: 'simplesamlphp',
    keep: ['./usr/share/simplesamlphp/*', '*/copyright'],
  });
  const xml = await bringUnpacked({
    name: 'php-xml',
    aptPackage: `php${version.stdout}-xml`,
    keep: ['*.so'],
  });
  return `${provider}; PHP's XML ${xml}`;
}
