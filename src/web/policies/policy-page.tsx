import './policies.css';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { FailureNote } from '../parts/said/failure-note.js';
import { Loading } from '../parts/said/loading.js';
import { PageHead } from '../parts/page-head.js';
import { Gate } from '../shell/gate.js';
import { texts } from '../texts/en.js';
import { PolicyDesk } from './policy-desk.js';
import { policyQuery } from './policy-query.js';

export function PolicyPage() {
  const { name } = useParams({ from: '/policies/$name' });
  return (
    <Gate title={name} permission="policy.read" roles="approver, reviewer, operator">
      <p>
        <Link to="/policies" className="row-link">
          {texts.policies.back}
        </Link>
      </p>
      <OnePolicy key={name} name={name} />
    </Gate>
  );
}

function OnePolicy({ name }: { readonly name: string }) {
  const { data: policy, error, refetch } = useQuery(policyQuery(name));
  if (policy !== undefined) return <PolicyDesk name={name} policy={policy} />;
  return (
    <>
      <PageHead title={name} />
      {error === null ? <Loading /> : <FailureNote error={error} onRetry={() => void refetch()} />}
    </>
  );
}
