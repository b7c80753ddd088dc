import { highlightSpecialChars } from '@codemirror/view';
import { HIDDEN_IN_LINES, shownLines } from '../../../contracts/shown/shown-text.js';

/**
 * Characters that hide, move or imitate what is read are written out in the editor as everywhere on the page; the text
 * itself has them still. Nobody takes a policy for another one because of them.
 */
export function hiddenCharacters() {
  return highlightSpecialChars({
    specialChars: HIDDEN_IN_LINES,
    render: (code) => {
      const mark = document.createElement('mark');
      mark.className = 'written-out';
      mark.textContent = shownLines(String.fromCodePoint(code));
      return mark;
    },
  });
}
