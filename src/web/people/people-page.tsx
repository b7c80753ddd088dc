import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function PeoplePage() {
  return <PageHead title={texts.shell.people} />;
}
