import type { ReadList } from '../../api/list.js';
import { texts } from '../../texts/en.js';
import { Button } from '../form/button.js';
import { FailureNote } from '../said/failure-note.js';
import { Loading } from '../said/loading.js';

/** What stands under a list: that it is being read, why it was not, that it is empty, or how to read on. */
export function ListEnd<Item>({ list, empty }: { readonly list: ReadList<Item>; readonly empty: string }) {
  if (list.error !== undefined) return <FailureNote error={list.error} onRetry={list.again} />;
  if (list.isPending) return <Loading />;
  if (list.items.length === 0) return <p className="soft">{empty}</p>;
  if (!list.hasMore) return null;
  return (
    <Button disabled={list.isReadingOn} onClick={list.readOn}>
      {list.isReadingOn ? texts.common.working : texts.common.more}
    </Button>
  );
}
