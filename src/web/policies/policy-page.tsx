import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function PolicyPage() {
  return <PageHead title={texts.shell.policies} />;
}
