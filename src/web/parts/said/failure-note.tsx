import './note.css';
import { NoAnswer, Refusal } from '../../api/failure.js';
import { texts } from '../../texts/en.js';
import { Button } from '../form/button.js';
import { Shown } from './shown.js';

export interface FailureNoteProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** What happened and what to do, in words. */
export function FailureNote({ error, onRetry }: FailureNoteProps) {
  const { what, detail, next, code } = wordsOf(error);
  return (
    <div className="note deny" role="alert">
      <p>
        <strong>{what}</strong>
      </p>
      {detail === undefined ? null : (
        <p>
          <Shown text={detail} lines />
        </p>
      )}
      <p>{next}</p>
      {code === undefined ? null : <p className="note-code">{code}</p>}
      {onRetry === undefined ? null : <Button onClick={onRetry}>{texts.shell.tryAgain}</Button>}
    </div>
  );
}

interface Words {
  readonly what: string;
  readonly detail?: string | undefined;
  readonly next: string;
  readonly code?: string;
}

function wordsOf(error: unknown): Words {
  if (error instanceof Refusal) {
    const { title, detail, next, code, requestId } = error.problem;
    return { what: title, detail, next, code: texts.failures.code(code, requestId) };
  }
  if (error instanceof NoAnswer) return { what: texts.failures.silent, next: texts.failures.silentNext };
  return { what: texts.shell.broke, next: texts.shell.brokeNext };
}
