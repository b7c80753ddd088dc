import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function OverviewPage() {
  return <PageHead title={texts.shell.overview} />;
}
