import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function TargetPage() {
  return <PageHead title={texts.shell.targets} />;
}
