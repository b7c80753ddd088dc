import type { KnownPrincipalView } from '../../contracts/identity/principal.js';
import { Note } from '../parts/said/note.js';
import { texts } from '../texts/en.js';
import { PrincipalLink } from './principal-link.js';

/** Says who else may be the same person, and why that matters. */
export function AlikeNote({ principal: { alike } }: { readonly principal: KnownPrincipalView }) {
  if (alike.length === 0) return null;
  return (
    <Note tone="hold">
      <p>
        <strong>{texts.principal.alikeTitle}</strong>
      </p>
      <p>{texts.principal.alikeText}</p>
      <ul>
        {alike.map((name) => (
          <li key={name}>
            <PrincipalLink name={name} />
          </li>
        ))}
      </ul>
    </Note>
  );
}
