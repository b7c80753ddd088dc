import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/call.js';
import { Button } from '../parts/form/button.js';
import { Dialog } from '../parts/dialog/dialog.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { texts } from '../texts/en.js';

/** Asks whether the session of this browser ends, or all of them. */
export function SignOut() {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button onClick={() => setAsking(true)}>{texts.shell.signOut}</Button>
      <Dialog title={texts.shell.signOut} isOpen={isAsking} onClose={() => setAsking(false)}>
        <SignOutChoice onClose={() => setAsking(false)} />
      </Dialog>
    </>
  );
}

function SignOutChoice({ onClose }: { readonly onClose: () => void }) {
  const end = useMutation({
    mutationFn: async (where: 'here' | 'everywhere') => {
      if (where === 'here') await call('/auth/sign-out', { method: 'POST' });
      else await call('/v1/me/sessions', { method: 'DELETE' });
      return where;
    },
    onSuccess: (where) => location.replace(signedOutAddress(where)),
  });
  const { shell } = texts;
  return (
    <>
      <p>{shell.signOutText}</p>
      {end.isError ? <FailureNote error={end.error} /> : null}
      <div className="dialog-acts">
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <Button disabled={end.isPending} onClick={() => end.mutate('everywhere')}>
          {shell.signOutEverywhere}
        </Button>
        <Button look="main" disabled={end.isPending} onClick={() => end.mutate('here')}>
          {shell.signOutHere}
        </Button>
      </div>
    </>
  );
}

/** The page that says what has ended. */
export function signedOutAddress(where: 'here' | 'everywhere'): string {
  return `/auth/sign-in?out=${where}`;
}
