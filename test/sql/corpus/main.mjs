// The entry of `npm run corpus`. Node strips the types of what it runs; the import below lets it find `x.ts` for `x.js`.
import '../../../src/kernel/load-typescript.mjs';

await import('./run.ts');
