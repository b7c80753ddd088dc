import { readFileSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take long although they are not large, the longest first. A clean clone knows nothing of earlier runs, and
 * vitest would begin with the largest file: one of these would still run when all other workers have finished.
 */
const LONG: readonly string[] = [
  'test/e2e/quickstart.test.ts',
  'test/faults/kill-gateway.test.ts',
  'test/clients/client-tests.test.ts',
  'test/api/grants-outages.test.ts',
  'test/sql/adversarial.test.ts',
  'test/gateway/held-in-transactions.test.ts',
  'test/persistence/approval-races.test.ts',
  'test/clients/wire.test.ts',
  'test/browser/replay.test.ts',
  'test/browser/many-entries.test.ts',
  'test/conformance/echo.test.ts',
  'test/e2e/mcp-agent.test.ts',
  'test/faults/kill-second-lock.test.ts',
  'test/run/run.test.ts',
  'test/client/package.test.ts',
  'test/api/start.test.ts',
  'test/gateway/endings.test.ts',
  'test/conformance/mysql.test.ts',
  'test/e2e/launcher.test.ts',
  'test/faults/drain.test.ts',
  'test/channels/slack-away.test.ts',
  'test/channels/slack-end-to-end.test.ts',
  'test/channels/slack-sending.test.ts',
  'test/faults/kill-worker.test.ts',
  'test/gateway/gate-races.test.ts',
  'test/sql/corpus.test.ts',
  'test/api/approvals-cli.test.ts',
  'src/recording/verify/verify.test.ts',
  'src/apps/quickstart/slack/socket-mode/connections.test.ts',
  'src/idp/saml/hostile-answers.test.ts',
  'src/recording/seal/seal-kill.test.ts',
  'src/apps/verify/agreement.test.ts',
  'src/apps/cli/profiles/profile-change.test.ts',
  'src/recording/write/faults.test.ts',
  'src/recording/seal/seal-sizes.test.ts',
];

/**
 * Starts the files of {@link LONG} first, then all that pass a broker on, among them the long ones first and those with a
 * gateway of their own last, then the others in vitest's own order. Those of pure code come after all these, the long ones first
 * too: a worker that goes over to another project has to load all again.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    const places = new Map(others.map((file) => [file, placeOf(file)]));
    return others.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  }
}

function placeOf({ moduleId, project }: TestSpecification): number {
  const found = LONG.findIndex((path) => moduleId.endsWith(path));
  if (project.name === 'unit') return (found === -1 ? 4 : 3) * LONG.length + Math.max(0, found);
  const text = readFileSync(moduleId, 'utf8');
  // Beside each other, so that each worker has its broker for as short a time as it is passed on, and few gateways start.
  if (/useSharedBroker\([^()]*, \{/.test(text)) return 2 * LONG.length + 1;
  if (/useShared(Broker|Pages)\(/.test(text)) return LONG.length + (found === -1 ? LONG.length : found);
  return found === -1 ? 2 * LONG.length + 2 : found;
}
