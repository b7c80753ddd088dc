import type { TargetView } from '../../contracts/grants/target.js';
import { ActDialog } from '../parts/dialog/act-dialog.js';
import { Note } from '../parts/said/note.js';
import { texts } from '../texts/en.js';
import { useRemoveTarget } from './target-query.js';

export interface RemoveTargetProps {
  readonly target: TargetView;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}

/** Asks before a target is removed, and says which tasks need it. */
export function RemoveTarget({ target: { name, openTasks }, isOpen, onClose, onRemoved }: RemoveTargetProps) {
  const remove = useRemoveTarget(name, onRemoved);
  const { targets: words } = texts;
  return (
    <ActDialog
      title={words.removeTitle(name)}
      isOpen={isOpen}
      onClose={onClose}
      act={words.remove}
      onAct={() => remove.mutate()}
      isPending={remove.isPending}
      error={remove.error}
      isReady={openTasks === 0}
    >
      {openTasks === 0 ? (
        <p>{words.removeText}</p>
      ) : (
        <Note tone="hold">
          <p>{words.removeInUse(openTasks)}</p>
        </Note>
      )}
    </ActDialog>
  );
}
