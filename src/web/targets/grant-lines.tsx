import { CopyButton } from '../parts/form/copy-button.js';
import { shownLine } from '../../contracts/shown/shown-text.js';
import { texts } from '../texts/en.js';

/** The GRANT statements that a provisioning account lacks, to be run by somebody who may. */
export function GrantLines({ missing }: { readonly missing: readonly string[] }) {
  if (missing.length === 0) return null;
  const lines = missing.map((line) => `${line};`).join('\n');
  return (
    <>
      <p>{texts.targetTest.missing}</p>
      {/* A box that scrolls must be reachable by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="grant-lines" tabIndex={0}>
        {missing.map((line) => `${shownLine(line)};`).join('\n')}
      </pre>
      <CopyButton text={lines} label={texts.targetTest.copyGrants} />
    </>
  );
}
