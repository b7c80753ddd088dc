import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function PoliciesPage() {
  return <PageHead title={texts.shell.policies} />;
}
