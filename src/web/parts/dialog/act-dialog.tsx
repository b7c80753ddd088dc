import type { ReactNode } from 'react';
import { texts } from '../../texts/en.js';
import { Button } from '../form/button.js';
import { Dialog } from './dialog.js';
import { FailureNote } from '../said/failure-note.js';

export interface ActDialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** What the button says that does it. */
  readonly act: string;
  readonly onAct: () => void;
  readonly isPending: boolean;
  /** Why it was refused; what was typed stays. */
  readonly error?: unknown;
  /** Whether it can be done as things are filled in. */
  readonly isReady?: boolean;
  readonly children?: ReactNode;
}

/** Asks before something is done, with what it takes; a refusal stands in it, and nothing typed is lost. */
export function ActDialog({ title, isOpen, onClose, ...rest }: ActDialogProps) {
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose} isDismissable={!rest.isPending}>
      <ActForm {...rest} onClose={onClose} />
    </Dialog>
  );
}

function ActForm({
  act,
  onAct,
  onClose,
  isPending,
  error,
  isReady = true,
  children,
}: Omit<ActDialogProps, 'title' | 'isOpen'>) {
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && !isPending) onAct();
      }}
    >
      {children}
      {error === undefined || error === null ? null : <FailureNote error={error} />}
      <div className="dialog-acts">
        <Button onClick={onClose} disabled={isPending}>
          {texts.common.cancel}
        </Button>
        <Button type="submit" look="main" disabled={isPending || !isReady}>
          {isPending ? texts.common.working : act}
        </Button>
      </div>
    </form>
  );
}
