import './keys-dialog.css';
import { Dialog } from '../parts/dialog/dialog.js';
import { Button } from '../parts/form/button.js';
import { texts } from '../texts/en.js';
import { switchSingleKeys, useKeyGroups, useSingleKeys } from './keys.js';

/** All keys that do something where the person is now. */
export function KeysDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const groups = useKeyGroups();
  const isOn = useSingleKeys();
  return (
    <Dialog title={texts.keys.title} isOpen={isOpen} onClose={onClose}>
      {groups.map(({ id, title, bindings }) => (
        <section key={id}>
          <h3>{title}</h3>
          <dl className="keys-list">
            {bindings.map(({ key, label }) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{label}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label className="keys-switch">
        <input type="checkbox" checked={isOn} onChange={(event) => switchSingleKeys(event.target.checked)} />{' '}
        {texts.keys.switchOff}
      </label>
      <p className="soft">{texts.keys.switchOffHint}</p>
      <div className="dialog-acts">
        <Button onClick={onClose}>{texts.keys.close}</Button>
      </div>
    </Dialog>
  );
}
