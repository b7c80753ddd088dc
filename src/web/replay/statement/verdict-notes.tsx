import { Note } from '../../parts/said/note.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';

const words = texts.replay.verify;

/** The first thing that does not hold. */
export function Broken({ where, what }: { readonly where: string; readonly what: string }) {
  return (
    <Note tone="deny">
      <strong>✘ {words.broken}</strong>
      <p>
        <Shown text={where} />: <Shown text={what} />
      </p>
    </Note>
  );
}

/** What was damaged before the recording was sealed. */
export function Damage({ where, what }: { readonly where: string; readonly what: string }) {
  return (
    <p>
      {texts.replay.lacks.damage} <Shown text={where} />: <Shown text={what} />
    </p>
  );
}
