import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function TargetsPage() {
  return <PageHead title={texts.shell.targets} />;
}
