import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { KeysDialog } from '../keys/keys-dialog.js';
import { useKeys } from '../keys/keys.js';
import { Palette } from '../keys/palette.js';
import { texts } from '../texts/en.js';
import { useSections } from './sections.js';

/** The keys that work everywhere, with what they open. */
export function ShellKeys() {
  const navigate = useNavigate();
  const sections = useSections();
  const [opened, setOpened] = useState<'none' | 'keys' | 'palette'>('none');
  const go = (to: string) => void navigate({ to });
  useKeys(texts.keys.everywhere, [
    { key: '?', label: texts.keys.help, run: () => setOpened('keys') },
    { key: 'Ctrl+k', label: texts.keys.palette, run: () => setOpened('palette'), inFields: true },
    ...(sections.some(({ to }) => to === '/search')
      ? [{ key: '/', label: texts.keys.search, run: () => go('/search') }]
      : []),
    ...sections.flatMap(({ to, name, letter }) =>
      letter === undefined ? [] : [{ key: `g ${letter}`, label: name, run: () => go(to) }],
    ),
  ]);
  const close = () => setOpened('none');
  return (
    <>
      <KeysDialog isOpen={opened === 'keys'} onClose={close} />
      <Palette isOpen={opened === 'palette'} onClose={close} />
    </>
  );
}
