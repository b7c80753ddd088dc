import { Heading, Modal, ModalOverlay, Dialog as AriaDialog } from 'react-aria-components';
import { Button } from '../parts/button.js';
import { texts } from '../texts/en.js';
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
    <ModalOverlay className="dialog-overlay" isOpen={isOpen} isDismissable onOpenChange={(open) => open || onClose()}>
      <Modal className="dialog statement-dialog">
        <AriaDialog className="dialog-body">
          <header className="statement-head">
            <Heading slot="title" level={2}>
              {texts.approval.statement}
            </Heading>
            <Button onClick={onClose}>{texts.approval.close}</Button>
          </header>
          <StatementText operation={operation} isFull />
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
