import { useMemo } from 'react';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { shownJson } from '../../../contracts/shown/shown-text.js';
import { texts } from '../../texts/en.js';

/** All that the API says of it. */
export function RawPart({ view }: { readonly view: ApprovalView }) {
  const json = useMemo(() => shownJson(JSON.stringify(view, null, 2)), [view]);
  return (
    <details className="approval-part">
      <summary>{texts.approval.raw}</summary>
      {/* A box that scrolls must be reachable by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="raw" tabIndex={0}>
        {json}
      </pre>
    </details>
  );
}
