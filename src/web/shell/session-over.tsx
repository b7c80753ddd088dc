import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { MeView } from '../../contracts/sign-in/session.js';
import { call } from '../api/call.js';
import { meQuery, useMe } from '../api/me.js';
import { sessionGoesOn, signInAddress, useSessionIsOver } from '../api/session.js';
import { takeAnswer } from '../api/take-answer.js';
import { Button } from '../parts/form/button.js';
import { Dialog } from '../parts/dialog/dialog.js';
import { texts } from '../texts/en.js';

/** The session is over: people sign in beside the page, so that nothing that they typed is lost. */
export function SessionOver() {
  const isOver = useSessionIsOver();
  return (
    <Dialog
      title={texts.shell.sessionOver}
      isOpen={isOver}
      isDismissable={false}
      role="alertdialog"
      onClose={() => undefined}
    >
      <SignInBeside />
    </Dialog>
  );
}

function SignInBeside() {
  const before = useMe().principal.id;
  const queries = useQueryClient();
  const [fault, setFault] = useState('');
  const goOn = async () => {
    const me = await call<MeView>('/v1/me').catch(() => undefined);
    if (me === undefined) return setFault(texts.shell.stillOut);
    if (me.principal.id !== before) return setFault(texts.shell.otherPerson);
    takeAnswer(queries, meQuery.queryKey, me);
    sessionGoesOn();
    await queries.invalidateQueries();
  };
  return (
    <>
      <p>{texts.shell.sessionOverText}</p>
      <p role="alert">{fault}</p>
      <div className="dialog-acts">
        <a className="button main" href={signInAddress('/me')} target="_blank" rel="noopener noreferrer">
          {texts.shell.signIn}
        </a>
        <Button onClick={() => void goOn()}>{texts.shell.goOn}</Button>
        {fault === texts.shell.otherPerson ? (
          <Button onClick={() => location.reload()}>{texts.shell.reload}</Button>
        ) : null}
      </div>
    </>
  );
}
