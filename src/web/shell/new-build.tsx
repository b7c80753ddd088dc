import { useEffect, useState } from 'react';
import { useMe } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { Note } from '../parts/said/note.js';
import { texts } from '../texts/en.js';

/** Which build this page is of; the api wrote it into the document. */
const OWN_BUILD = document.querySelector<HTMLMetaElement>('meta[name="doorwarden-build"]')?.content;

/** Says that the api serves another build by now. It does not load the page by itself: somebody may be writing. */
export function NewBuild() {
  const { build } = useMe().page;
  const [isFileGone, setFileGone] = useState(false);
  useEffect(() => {
    const notice = () => setFileGone(true);
    window.addEventListener('vite:preloadError', notice);
    return () => window.removeEventListener('vite:preloadError', notice);
  }, []);
  if (!isFileGone && (build === null || build === OWN_BUILD)) return null;
  return (
    <Note role="status">
      <p>{texts.shell.updated}</p>
      <Button onClick={() => location.reload()}>{texts.shell.reload}</Button>
    </Note>
  );
}
