import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

export interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** False: only its own buttons close it. */
  readonly isDismissable?: boolean;
  readonly role?: 'dialog' | 'alertdialog';
  readonly className?: string;
  /** Stands in one line with the title. */
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}

/** What a dialog shows. It is code of its own, since no page needs it to begin with. */
export function showModal({ title, isOpen, onClose, isDismissable = true, role = 'dialog', ...rest }: DialogProps) {
  const { className = '', beside, children } = rest;
  const heading = (
    <Heading slot="title" level={2}>
      {title}
    </Heading>
  );
  return (
    <ModalOverlay
      className="dialog-overlay"
      isOpen={isOpen}
      isDismissable={isDismissable}
      isKeyboardDismissDisabled={!isDismissable}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className={`dialog ${className}`}>
        <Dialog role={role} className="dialog-body">
          {beside === undefined ? (
            heading
          ) : (
            <header className="dialog-head">
              {heading}
              {beside}
            </header>
          )}
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
