import './dialog.css';
import { type ReactNode, useEffect, useState } from 'react';
import type { DialogProps, showModal } from './modal.js';

const TRY_AGAIN_MS = 2_000;
let known: typeof showModal | undefined;

/** Brings the code of dialogs, so that they open at once, and when the broker has gone away meanwhile. */
export async function bringDialogs(): Promise<void> {
  ({ showModal: known } = await import('./modal.js'));
}

/** A dialog over the page: it keeps the focus, and gives it back. */
export function Dialog(props: DialogProps): ReactNode {
  const show = useModal(props.isOpen);
  return show?.(props);
}

/** The code of dialogs; undefined before it has come. While it is wanted and does not come, it is asked for again. */
function useModal(isWanted: boolean): typeof known {
  const [, setTries] = useState(0);
  const isMissing = isWanted && known === undefined;
  useEffect(() => {
    if (!isMissing) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const look = () => void (isOver || setTries((tries) => tries + 1));
    const bring = () =>
      void bringDialogs().then(look, () => {
        if (!isOver) timer = setTimeout(bring, TRY_AGAIN_MS);
      });
    bring();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isMissing]);
  return known;
}
