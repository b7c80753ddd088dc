import { PageHead } from '../parts/page-head.js';
import { texts } from '../texts/en.js';

export function MePage() {
  return <PageHead title={texts.shell.me} />;
}
