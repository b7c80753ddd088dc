// Lets a test's own program run on the broker as it was built: what it imports from src/ comes from dist/, and Node.js
// itself takes the types out of what stands in test/. To be given to Node.js by --import.
import { registerHooks } from 'node:module';

const TESTS = new URL('../../../', import.meta.url).href;
const SOURCE = new URL('../src/', TESTS).href;
const BUILT = new URL('../dist/', TESTS).href;

registerHooks({
  resolve(specifier, context, next) {
    const isRelative = specifier.startsWith('.') && context.parentURL !== undefined;
    if (!isRelative) return next(specifier, context);
    const { href } = new URL(specifier, context.parentURL);
    if (href.startsWith(SOURCE)) return next(BUILT + href.slice(SOURCE.length), context);
    return href.startsWith(TESTS) && href.endsWith('.js')
      ? next(href.replace(/\.js$/, '.ts'), context)
      : next(specifier, context);
  },
});
