import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { NoAnswer, Refusal } from '../api/failure.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { texts } from '../texts/en.js';

/** A page that could not be shown: the broker's own words where it refused, else how to go on. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  const isAnswer = error instanceof Refusal || error instanceof NoAnswer;
  return (
    <main className="content">
      <FailureNote error={error} {...(isAnswer ? { onRetry: again } : {})} />
      {isAnswer ? null : <Button onClick={() => location.reload()}>{texts.shell.reload}</Button>}
    </main>
  );
}
