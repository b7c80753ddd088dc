import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Button } from '../../parts/form/button.js';
import { texts } from '../../texts/en.js';
import { changesSince } from './changes.js';

export interface ChangesBannerProps {
  readonly read: ApprovalView;
  readonly now: ApprovalView;
  readonly onRead: () => void;
}

/** What has changed since the person read the question. */
export function ChangesBanner({ read, now, onRead }: ChangesBannerProps) {
  const changes = changesSince(read, now);
  if (changes.length === 0) return null;
  return (
    <div className="changes" role="status">
      <p>
        <strong>{texts.approval.newer}.</strong> {changes.join(' ')}
      </p>
      <Button onClick={onRead}>{texts.approval.newerRead}</Button>
    </div>
  );
}
