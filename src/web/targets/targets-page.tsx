import './targets.css';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { TargetView } from '../../contracts/grants/target.js';
import { useReadList } from '../api/list.js';
import { useMay } from '../api/me.js';
import { Button } from '../parts/form/button.js';
import { ListEnd } from '../parts/list/list-end.js';
import { PageHead } from '../parts/page-head.js';
import { Section } from '../parts/section.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { EMPTY_TARGET, registrationOf } from './target-draft.js';
import { TargetForm } from './target-form.js';
import { TargetLabels } from './target-labels.js';
import { CredentialsMark, ReachMark, TlsMark } from './target-marks.js';
import { useRegisterTarget } from './target-query.js';

export function TargetsPage() {
  return (
    <Gate title={texts.shell.targets} permission="target.read" roles="operator">
      <Targets />
    </Gate>
  );
}

function Targets() {
  const [isRegistering, setRegistering] = useState(false);
  const mayWrite = useMay('target.write');
  return (
    <>
      <PageHead title={texts.shell.targets}>
        {mayWrite && !isRegistering ? (
          <Button look="main" onClick={() => setRegistering(true)}>
            {texts.targets.register}
          </Button>
        ) : null}
      </PageHead>
      <p className="soft">{texts.targets.intro}</p>
      {isRegistering ? <Registering onClose={() => setRegistering(false)} /> : null}
      <TargetList />
    </>
  );
}

function Registering({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const register = useRegisterTarget(({ name }) => void navigate({ to: '/targets/$name', params: { name } }));
  return (
    <Section title={texts.targets.register}>
      <p>{texts.targetForm.registerText}</p>
      <TargetForm
        initial={EMPTY_TARGET}
        isNew
        act={texts.targetForm.register}
        onSave={(draft) => register.mutate(registrationOf(draft))}
        onCancel={onClose}
        isPending={register.isPending}
        error={register.error}
      />
    </Section>
  );
}

function TargetList() {
  const list = useReadList<TargetView>(['targets'], '/v1/targets');
  const { targets: words } = texts;
  const head = [words.name, words.environment, words.server, words.reach, words.tasks, words.credentials, words.tls];
  return (
    <>
      {list.items.length === 0 ? null : (
        <Table caption={texts.shell.targets} head={head} stacks>
          {list.items.map((target) => (
            <TargetRow key={target.id} target={target} />
          ))}
        </Table>
      )}
      <ListEnd list={list} empty={words.none} />
    </>
  );
}

function TargetRow({ target }: { readonly target: TargetView }) {
  const { targets: words } = texts;
  const { name, labels, report, openTasks } = target;
  return (
    <tr>
      <th scope="row" data-label={words.name}>
        <Link to="/targets/$name" params={{ name }} className="row-link">
          {name}
        </Link>
      </th>
      <td data-label={words.environment}>
        <TargetLabels labels={labels} />
      </td>
      <td data-label={words.server}>
        {report === null ? texts.common.unknown : <Shown text={`${report.flavour} ${report.version}`} />}
      </td>
      <td data-label={words.reach}>
        <ReachMark target={target} />
      </td>
      <td data-label={words.tasks}>{numberText(openTasks)}</td>
      <td data-label={words.credentials}>
        <CredentialsMark target={target} />
      </td>
      <td data-label={words.tls}>
        <TlsMark target={target} />
      </td>
    </tr>
  );
}
