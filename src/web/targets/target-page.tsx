import './targets.css';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { TargetView } from '../../contracts/grants/target.js';
import { useMay } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { PageHead } from '../parts/page-head.js';
import { Section } from '../parts/section.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { RemoveTarget } from './remove-target.js';
import { ReplacePassword } from './replace-password.js';
import { changeOf, draftOf } from './target-draft.js';
import { TargetFacts } from './target-facts.js';
import { TargetForm } from './target-form.js';
import { targetQuery, useChangeTarget } from './target-query.js';
import { TargetTest } from './target-test.js';

export function TargetPage() {
  const { name } = useParams({ from: '/targets/$name' });
  return (
    <Gate title={name} permission="target.read" roles="operator">
      <OneTarget key={name} name={name} />
    </Gate>
  );
}

function OneTarget({ name }: { readonly name: string }) {
  const { data: target, error, refetch } = useQuery(targetQuery(name));
  const [opened, setOpened] = useState<'none' | 'form' | 'password' | 'remove'>('none');
  const navigate = useNavigate();
  const mayWrite = useMay('target.write');
  const close = () => setOpened('none');
  const { targets: words } = texts;
  return (
    <>
      <p>
        <Link to="/targets" className="row-link">
          {words.back}
        </Link>
      </p>
      <PageHead title={name}>
        {mayWrite && target !== undefined && opened !== 'form' ? (
          <>
            <Button onClick={() => setOpened('form')}>{words.change}</Button>
            <Button onClick={() => setOpened('password')}>{words.replacePassword}</Button>
            <Button onClick={() => setOpened('remove')}>{words.remove}</Button>
          </>
        ) : null}
      </PageHead>
      {target !== undefined ? null : error === null ? (
        <Loading />
      ) : (
        <FailureNote error={error} onRetry={() => void refetch()} />
      )}
      {target === undefined ? null : (
        <>
          {opened === 'form' ? <Changing target={target} onClose={close} /> : <TargetFacts target={target} />}
          {opened === 'form' ? null : <TargetTest target={target} />}
          <ReplacePassword name={name} isOpen={opened === 'password'} onClose={close} />
          <RemoveTarget
            target={target}
            isOpen={opened === 'remove'}
            onClose={close}
            onRemoved={() => void navigate({ to: '/targets' })}
          />
        </>
      )}
    </>
  );
}

function Changing({ target, onClose }: { readonly target: TargetView; readonly onClose: () => void }) {
  const change = useChangeTarget(target.name, onClose);
  const [isSame, setSame] = useState(false);
  return (
    <Section title={texts.targets.changeTitle}>
      <p>{texts.targetForm.lookFirst}</p>
      <TargetForm
        initial={draftOf(target)}
        act={texts.targetForm.save}
        onSave={(draft) => {
          const body = changeOf(draft, target);
          const isEmpty = Object.keys(body).length === 0;
          setSame(isEmpty);
          if (!isEmpty) change.mutate(body);
        }}
        onCancel={onClose}
        isPending={change.isPending}
        error={change.error}
      >
        <p role="status">{isSame ? texts.targetForm.nothingChanged : ''}</p>
      </TargetForm>
    </Section>
  );
}
