import { useEffect, useState } from 'react';
import { shownLines } from '../../../contracts/shown/shown-text.js';
import { Loading } from '../../parts/said/loading.js';
import { texts } from '../../texts/en.js';

const { approval } = texts;
const CHARACTERS_MAX = 100_000;

/** The statement laid out for reading, by a library that is loaded when somebody wants it. */
export function LaidOut({ text }: { readonly text: string }) {
  const [laid, setLaid] = useState<string | null>();
  useEffect(() => {
    let isGone = false;
    void layOut(text).then((made) => isGone || setLaid(made));
    return () => {
      isGone = true;
    };
  }, [text]);
  if (laid === undefined) return <Loading />;
  if (laid === null) return <p role="status">{approval.cannotLayOut}</p>;
  return (
    <>
      <p className="statement-hint">{approval.laidOutHint}</p>
      {/* A box that scrolls must be reachable by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="statement-text laid-out" tabIndex={0} aria-label={approval.statementLaid}>
        <bdi>{shownLines(laid)}</bdi>
      </pre>
    </>
  );
}

async function layOut(text: string): Promise<string | null> {
  if (text.length > CHARACTERS_MAX) return null;
  try {
    const { formatDialect, mariadb } = await import('sql-formatter');
    return formatDialect(text, { dialect: mariadb });
  } catch {
    return null; // a text that it cannot read, or the file is not there any more: the person reads it as it was sent
  }
}
