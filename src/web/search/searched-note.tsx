import type { SearchedView } from '../../contracts/recordings/statement.js';
import { timeText, utcText } from '../texts/format.js';
import { texts } from '../texts/en.js';

const { search: words } = texts;

/** How far a search looked, and what it did not look at. */
export function SearchedNote({
  searched: { texts: reach, textsFrom, notSearched },
}: {
  readonly searched: SearchedView;
}) {
  const time = textsFrom === null ? '' : `${timeText(textsFrom)} (${utcText(textsFrom)})`;
  const said = { all: words.allTexts, fingerprints: words.fingerprints(time), window: words.window(time) }[reach];
  return (
    <div className="searched soft">
      <p>{said}</p>
      <ul>
        {[...notSearched, words.notInIndex].map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}
