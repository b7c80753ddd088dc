import '../people/people.css';
import { Button } from '../parts/form/button.js';
import { CopyButton } from '../parts/form/copy-button.js';
import { Dialog } from '../parts/dialog/dialog.js';
import { Note } from '../parts/said/note.js';
import { visibleName } from '../parts/said/visible-name.js';
import { texts } from '../texts/en.js';

export interface SecretOnceProps {
  readonly name: string;
  readonly secret: string;
  readonly onClose: () => void;
}

/** The only time that a secret is shown: only its own button closes it. */
export function SecretOnce({ name, secret, onClose }: SecretOnceProps) {
  const { webhooks: words } = texts;
  return (
    <Dialog title={words.secretTitle(visibleName(name))} isOpen onClose={onClose} isDismissable={false}>
      <Note tone="hold" role="status">
        <p>{words.secretOnce}</p>
      </Note>
      <code className="new-key">{secret}</code>
      <CopyButton text={secret} label={words.secretCopy} />
      <div className="dialog-acts">
        <Button look="main" onClick={onClose}>
          {words.secretKept}
        </Button>
      </div>
    </Dialog>
  );
}
