#!/usr/bin/env node
// What npm installs as `doorwarden`. It is written so that any Node.js can read it: one that is too old shall say so, and
// not fail with a syntax error somewhere in the program.
'use strict';

const MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) < MAJOR_MIN) {
  process.stderr.write(
    'doorwarden: Node.js ' +
      MAJOR_MIN +
      ' or newer is needed, and ' +
      process.execPath +
      ' is ' +
      process.version +
      '.\n',
  );
  process.exitCode = 1;
} else {
  import('../dist/apps/cli/main.js').catch(function (error) {
    const isMissing = error && error.code === 'ERR_MODULE_NOT_FOUND';
    process.stderr.write('doorwarden: ' + (isMissing ? 'it is not whole: ' + error.message : error.stack) + '\n');
    process.exitCode = 1;
  });
}
