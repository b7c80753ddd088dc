import './palette.css';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Dialog } from '../parts/dialog/dialog.js';
import { useSections } from '../shell/sections.js';
import { texts } from '../texts/en.js';

/** Goes anywhere by a few letters of its name. */
export function Palette({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Dialog title={texts.keys.paletteLabel} isOpen={isOpen} onClose={onClose}>
      <PaletteList onClose={onClose} />
    </Dialog>
  );
}

function PaletteList({ onClose }: { readonly onClose: () => void }) {
  const sections = useSections();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const found = sections.filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()));
  const go = (to: string | undefined) => {
    if (to === undefined) return;
    onClose();
    void navigate({ to });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        go(found[0]?.to);
      }}
    >
      <input
        className="input"
        aria-label={texts.keys.paletteLabel}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        // The dialog is opened to type in here.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
      />
      <ul className="palette-found">
        {found.map(({ to, name }) => (
          <li key={to}>
            <button type="button" onClick={() => go(to)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
      <p role="status">{found.length === 0 ? texts.keys.nothingFound : ''}</p>
    </form>
  );
}
