import type { RecordingMarks } from '../../../contracts/recordings/recording-marks.js';
import { Note } from '../../parts/said/note.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';

const words = texts.replay.lacks;

/** What is not in a recording; nothing where it has everything. */
export function LacksNote({ lacks }: { readonly lacks: RecordingMarks['lacks'] }) {
  const { cutAnswers, unknownOutcomes, interrupted, damage } = lacks;
  if (cutAnswers === 0 && unknownOutcomes === 0 && !interrupted && damage === null) return null;
  return (
    <Note tone="hold">
      <strong>{texts.replay.lacksTitle}</strong>
      <ul className="lacks">
        {damage === null ? null : (
          <li>
            {words.damage} <Shown text={`${damage.where}: ${damage.what}`} />
          </li>
        )}
        {interrupted ? <li>{words.interrupted}</li> : null}
        {unknownOutcomes === 0 ? null : <li>{words.unknown(unknownOutcomes)}</li>}
        {cutAnswers === 0 ? null : <li>{words.cut(cutAnswers)}</li>}
      </ul>
    </Note>
  );
}
