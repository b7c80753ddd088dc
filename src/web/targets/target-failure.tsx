import { isRefusal } from '../api/failure.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Note } from '../parts/said/note.js';
import { texts } from '../texts/en.js';
import { GrantLines } from './grant-lines.js';

/** Why the broker refused a target, with the statements to run where its account lacks something. */
export function TargetFailure({ error }: { readonly error: unknown }) {
  const missing = missingIn(error);
  if (!isRefusal(error) || missing.length === 0) return <FailureNote error={error} />;
  const { code, requestId } = error.problem;
  return (
    <Note tone="deny" role="alert">
      <p>
        <strong>{texts.targetTest.lacks}</strong>
      </p>
      <GrantLines missing={missing} />
      <p className="note-code">{texts.failures.code(code, requestId)}</p>
    </Note>
  );
}

function missingIn(error: unknown): readonly string[] {
  if (!isRefusal(error, 'target_privileges_missing')) return [];
  const missing: unknown = error.problem['missing'];
  return Array.isArray(missing) ? missing.map(String) : [];
}
