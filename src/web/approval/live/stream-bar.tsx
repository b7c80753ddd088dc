import { Note } from '../../parts/said/note.js';
import { clockText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';
import type { ApprovalFeed } from './feed.js';

/** Says since when nothing comes any more. */
export function StreamBar({ feed: { stream } }: { readonly feed: ApprovalFeed }) {
  if (stream.state !== 'gone' || stream.since === undefined) return null;
  return (
    <Note tone="hold" role="status">
      {texts.inbox.disconnected(clockText(stream.since))}
    </Note>
  );
}
