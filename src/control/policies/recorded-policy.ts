import { createHash } from 'node:crypto';

/** Of a policy's text in an entry; the versions of the policy have it whole. */
const CHARACTERS_MAX = 8_192;

/** What the administrative record has of a policy: which text it was, and the beginning of it. */
export function recordedPolicy({ text, revision }: { readonly text: string; readonly revision: number }) {
  return {
    revision,
    sha256: createHash('sha256').update(text).digest('hex'),
    characters: text.length,
    text: text.slice(0, CHARACTERS_MAX),
    isCut: text.length > CHARACTERS_MAX,
  };
}
