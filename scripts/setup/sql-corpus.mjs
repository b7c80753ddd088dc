import { bringUnpacked } from './unpacked-package.mjs';

/** The statements of MariaDB's own test suite, in `.local/sql-corpus/`; they are under the GPL. */
export function bringSqlCorpus() {
  return bringUnpacked({
    name: 'sql-corpus',
    aptPackage: 'mariadb-test-data',
    keep: ['*.test', '*.inc', '*/copyright'],
  });
}
