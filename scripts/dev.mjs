// Builds again whenever a source changes, and starts the quickstart again with what was built. Ctrl-C ends both.
import { spawn } from 'node:child_process';
import { ROOT } from './setup/paths.mjs';

const start = (...args) => spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });

const children = [
  start('scripts/bundle.mjs', '--watch'),
  start('scripts/page.mjs', '--watch'),
  start('--watch', '--watch-path=dist', '--watch-preserve-output', 'dist/apps/quickstart/main.js'),
];

const stopAll = () => children.forEach((child) => child.kill('SIGTERM'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stopAll);
for (const child of children) child.once('exit', stopAll);
