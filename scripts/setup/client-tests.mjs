import { bringUnpacked } from './unpacked-package.mjs';

/** The program with which MariaDB tests its client library, in `.local/client-tests/`. */
export function bringClientTests() {
  return bringUnpacked({
    name: 'client-tests',
    aptPackage: 'mariadb-test',
    keep: ['*/bin/mariadb-client-test', '*/copyright'],
  });
}
