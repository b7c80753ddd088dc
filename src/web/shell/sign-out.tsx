import { useMutation } from '@tanstack/react-query';
import { call } from '../api/call.js';
import { Button } from '../parts/button.js';
import { FailureNote } from '../parts/failure-note.js';
import { texts } from '../texts/en.js';

/** Ends the session of this browser. Signing out everywhere is on the page of the person. */
export function SignOut() {
  const end = useMutation({
    mutationFn: () => call('/auth/sign-out', { method: 'POST' }),
    onSuccess: () => location.replace('/auth/sign-in'),
  });
  return (
    <>
      <Button disabled={end.isPending} onClick={() => end.mutate()}>
        {texts.shell.signOut}
      </Button>
      {end.isError ? <FailureNote error={end.error} /> : null}
    </>
  );
}
