import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function SearchPage() {
  return <PageHead title={texts.shell.search} />;
}
