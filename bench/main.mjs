// The entry of `npm run bench`. Node strips the types of what it runs; the import below lets it find `x.ts` for `x.js`.
import '../src/kernel/load-typescript.mjs';

await import('./bench.ts');
