import { useState } from 'react';
import type { PolicyVersionView } from '../../../contracts/policies/policy.js';
import { useReadList } from '../../api/list.js';
import { useMay } from '../../api/me.js';
import { isRefusal } from '../../api/failure.js';
import { Badge } from '../../parts/said/badge.js';
import { Button } from '../../parts/form/button.js';
import { ListEnd } from '../../parts/list/list-end.js';
import { Shown } from '../../parts/said/shown.js';
import { TimeAndAgo } from '../../parts/said/time.js';
import { texts } from '../../texts/en.js';
import { DifferenceView } from './difference-view.js';
import type { PolicyPanelProps } from '../draft/policy-draft.js';
import { policyPath, versionsKey } from '../policy-query.js';

/** Every version of the policy, the newest first; an earlier text can be taken into the editor again. */
export function HistoryPanel({ name, draft }: PolicyPanelProps) {
  const list = useReadList<PolicyVersionView>(versionsKey(name), `${policyPath(name)}/versions`);
  const [taken, setTaken] = useState<number>();
  const { policyPanels: words } = texts;
  const take = ({ revision, text }: PolicyVersionView) => {
    if (text === null) return;
    draft.write(text, words.takenAgain(revision));
    setTaken(revision);
  };
  if (isRefusal(list.error, 'policy_not_found')) return <p className="soft">{words.historyNone}</p>;
  return (
    <>
      <p role="status">{taken === undefined || !draft.isChanged ? '' : words.takenNote}</p>
      <ol className="versions">
        {list.items.map((version) => (
          <VersionItem key={version.revision} version={version} now={draft.text} onTake={() => take(version)} />
        ))}
      </ol>
      <ListEnd list={list} empty={words.historyNone} />
    </>
  );
}

interface VersionItemProps {
  readonly version: PolicyVersionView;
  readonly now: string;
  readonly onTake: () => void;
}

function VersionItem({ version, now, onTake }: VersionItemProps) {
  const { revision, text, changedBy, changedAt, reason } = version;
  const [isSeeing, setSeeing] = useState(false);
  const mayWrite = useMay('policy.write');
  const { policyPanels: words, policies } = texts;
  return (
    <li className="version">
      <p>
        <strong>{policies.revision(revision)}</strong>{' '}
        {text === null ? <Badge tone="deny">{words.deleted}</Badge> : null} <TimeAndAgo at={changedAt} />{' '}
        {changedBy === null ? policies.shipped : <Shown text={policies.changedBy(changedBy)} />}
      </p>
      <p>{reason === null ? <span className="soft">{words.noReason}</span> : <Shown text={reason} />}</p>
      {text === null || text === now ? null : (
        <div className="policy-acts">
          <Button aria-expanded={isSeeing} onClick={() => setSeeing(!isSeeing)}>
            {isSeeing ? words.hide : words.see}
          </Button>
          {mayWrite ? <Button onClick={onTake}>{words.takeAgain}</Button> : null}
        </div>
      )}
      {isSeeing && text !== null && text !== now ? (
        <DifferenceView label={words.seeFrom} before={text} after={now} />
      ) : null}
    </li>
  );
}
