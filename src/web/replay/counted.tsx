import { useQuery } from '@tanstack/react-query';
import type { ApprovalView } from '../../contracts/approval.js';
import { call } from '../api/call.js';
import { Note } from '../parts/note.js';
import { texts } from '../texts/en.js';

const { detail } = texts.replay;

export interface CountedProps {
  readonly approval: string;
  /** Rows that the target said it changed; null where it said nothing of it. */
  readonly changed: number | null;
}

/** The rows that were counted for those who decided, beside those that were changed. It is no evidence: that is the recording. */
export function Counted({ approval, changed }: CountedProps) {
  const { data } = useQuery({
    queryKey: ['approval', approval],
    queryFn: ({ signal }) => call<ApprovalView>(`/v1/approvals/${approval}`, { signal }),
    staleTime: 60_000,
  });
  const affected = data?.excerpt?.affected;
  if (changed === null || affected === undefined || affected === null || affected.kind !== 'exact') return null;
  const words = detail.counted(affected.rows, changed);
  return affected.rows === changed ? <p>✔ {words}</p> : <Note tone="hold">{detail.countsDiffer(words)}</Note>;
}
