import { Button } from '../../parts/form/button.js';
import { Dialog } from '../../parts/dialog/dialog.js';
import { texts } from '../../texts/en.js';
import type { Operation } from './sql-view.js';
import { StatementText } from './statement-text.js';

export interface FullStatementProps {
  readonly operation: Operation;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The statement over the whole screen. */
export function FullStatement({ operation, isOpen, onClose }: FullStatementProps) {
  return (
    <Dialog
      title={texts.approval.statement}
      className="statement-dialog"
      isOpen={isOpen}
      onClose={onClose}
      beside={<Button onClick={onClose}>{texts.approval.close}</Button>}
    >
      <StatementText operation={operation} isFull />
    </Dialog>
  );
}
