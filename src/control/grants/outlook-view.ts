import type { OutlookView } from '../../contracts/grants/grant.js';
import type { OnHold } from '../../domain/grant.js';
import type { Outlook } from '../../protocol/policy-questions.js';

/** The outlook of a grant as data and in words. */
export function outlookViewOf({ words, access, mayWait, holdSeconds }: Outlook, onHold: OnHold): OutlookView {
  const said = mayWait ? `${words} ${ON_HOLD_WORDS[onHold]}` : words;
  return { words: said, access: [...access], holdSeconds };
}

const ON_HOLD_WORDS: Readonly<Record<OnHold, string>> = {
  wait: 'The client of a statement that waits gets its answer after the decision: set no short time limit on its reads.',
  error:
    'A statement that must wait is answered at once with the error statement_held, which names its approval; once that is approved, send the same statement again.',
};
