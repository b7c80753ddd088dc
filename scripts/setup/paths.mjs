import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Everything that a set-up makes lives here; deleting the folder is always safe. */
export const LOCAL = join(ROOT, '.local');

/** A path below the checkout's root. */
export const inRoot = (...parts) => join(ROOT, ...parts);

/** A path below `.local/`. */
export const inLocal = (...parts) => join(LOCAL, ...parts);
