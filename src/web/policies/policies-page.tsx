import './policies.css';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import type { PolicySummaryView } from '../../contracts/policies/policy.js';
import { useMay } from '../api/me.js';
import { Badge } from '../parts/said/badge.js';
import { Button } from '../parts/form/button.js';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { PageHead } from '../parts/page-head.js';
import { Shown } from '../parts/said/shown.js';
import { Table } from '../parts/list/table.js';
import { TimeAndAgo } from '../parts/said/time.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { numberText } from '../texts/format.js';
import { NewPolicy } from './new-policy.js';
import { policiesQuery } from './policy-query.js';

export function PoliciesPage() {
  return (
    <Gate title={texts.shell.policies} permission="policy.read" roles="approver, reviewer, operator">
      <Policies />
    </Gate>
  );
}

function Policies() {
  const [isAdding, setAdding] = useState(false);
  const { data: list, error, refetch } = useQuery(policiesQuery);
  const mayWrite = useMay('policy.write');
  const { policies: words } = texts;
  return (
    <>
      <PageHead title={texts.shell.policies}>
        {mayWrite ? (
          <Button look="main" onClick={() => setAdding(true)}>
            {words.add}
          </Button>
        ) : null}
      </PageHead>
      <p className="soft">{words.intro}</p>
      {list !== undefined ? (
        <PolicyTable policies={list.items} />
      ) : error === null ? (
        <Loading />
      ) : (
        <FailureNote error={error} onRetry={() => void refetch()} />
      )}
      <NewPolicy isOpen={isAdding} onClose={() => setAdding(false)} />
    </>
  );
}

function PolicyTable({ policies }: { readonly policies: readonly PolicySummaryView[] }) {
  const { policies: words } = texts;
  if (policies.length === 0) return <p>{words.none}</p>;
  return (
    <Table caption={texts.shell.policies} head={[words.name, words.changed, words.decided, words.validity]} stacks>
      {policies.map((policy) => (
        <PolicyRow key={policy.name} policy={policy} />
      ))}
    </Table>
  );
}

function PolicyRow({ policy }: { readonly policy: PolicySummaryView }) {
  const { policies: words } = texts;
  const { name, updatedAt, updatedBy, decidedLastWeek } = policy;
  return (
    <tr>
      <th scope="row" data-label={words.name}>
        <Link to="/policies/$name" params={{ name }} className="row-link">
          {name}
        </Link>
      </th>
      <td data-label={words.changed}>
        <span>
          <TimeAndAgo at={updatedAt} />{' '}
          {updatedBy === null ? words.shipped : <Shown text={words.changedBy(updatedBy)} />}
        </span>
      </td>
      <td data-label={words.decided}>
        {decidedLastWeek === null ? <span className="soft">{words.notCounted}</span> : numberText(decidedLastWeek)}
      </td>
      <td data-label={words.validity}>
        <Validity problem={policy.problem} />
      </td>
    </tr>
  );
}

function Validity({ problem }: Pick<PolicySummaryView, 'problem'>) {
  const { policies: words } = texts;
  if (problem === null) {
    return (
      <Badge tone="allow" icon={<CircleCheck aria-hidden />}>
        {words.valid}
      </Badge>
    );
  }
  return (
    <span>
      <Badge tone="deny" icon={<CircleX aria-hidden />}>
        {words.isInvalid}
      </Badge>{' '}
      <Shown text={words.invalid(problem.line, problem.reason)} />
    </span>
  );
}
