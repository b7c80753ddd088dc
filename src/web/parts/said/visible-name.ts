import { shownLine } from '../../../contracts/shown/shown-text.js';

/** A name of others where only plain text can stand, such as the title of a window: hidden characters are written out. */
export function visibleName(name: string): string {
  return shownLine(name);
}
