import { useState } from 'react';
import type { PolicyView } from '../../contracts/policies/policy.js';
import { useMay } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { Note } from '../parts/said/note.js';
import { PageHead } from '../parts/page-head.js';
import { Shown } from '../parts/said/shown.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { texts } from '../texts/en.js';
import { DeletePolicy } from './delete-policy.js';
import { usePolicyDraft } from './draft/policy-draft.js';
import { PolicyEditor } from './draft/policy-editor.js';
import { PolicyPanels } from './policy-panels.js';

export interface PolicyDeskProps {
  readonly name: string;
  /** Null: there is none of that name. */
  readonly policy: PolicyView | null;
}

/** A policy's text to write at, beside what it would do. */
export function PolicyDesk({ name, policy }: PolicyDeskProps) {
  const draft = usePolicyDraft(name, policy);
  const [isDeleting, setDeleting] = useState(false);
  const mayWrite = useMay('policy.write');
  const { policies: words } = texts;
  return (
    <>
      <PageHead title={name}>
        {policy !== null && mayWrite ? <Button onClick={() => setDeleting(true)}>{words.remove}</Button> : null}
      </PageHead>
      {policy === null ? <Note>{words.isNew}</Note> : <PolicyFacts policy={policy} />}
      {mayWrite ? null : <p className="soft">{words.readOnly}</p>}
      <div className="policy-desk">
        <PolicyEditor name={name} policy={policy} draft={draft} isReadOnly={!mayWrite} />
        <PolicyPanels name={name} policy={policy} draft={draft} />
      </div>
      {policy === null ? null : (
        <DeletePolicy policy={policy} isOpen={isDeleting} onClose={() => setDeleting(false)} onDeleted={draft.drop} />
      )}
    </>
  );
}

function PolicyFacts({ policy: { revision, updatedAt, updatedBy, problem } }: { readonly policy: PolicyView }) {
  const { policies: words } = texts;
  return (
    <>
      <p className="soft">
        {words.revision(revision)}, <TimeAndAgo key={updatedAt} at={updatedAt} />{' '}
        {updatedBy === null ? words.shipped : <Shown text={words.changedBy(updatedBy)} />}
      </p>
      {problem === null ? null : (
        <Note tone="deny">
          <p>{words.invalidNote}</p>
          <p>
            <Shown text={words.invalid(problem.line, problem.reason)} lines />
          </p>
        </Note>
      )}
    </>
  );
}
