import { z } from 'zod';
import type { TargetTestView } from '../../contracts/grants/target.js';
import { TARGET_TEST_STEPS, type TargetTestStep } from '../../domain/target-test.js';
import type { TargetReport } from '../../domain/target.js';
import type { ErrorCode } from '../../kernel/errors/error-table.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import type { JobFailure } from '../../queue/jobs.js';

type Step = TargetTestView['steps'][number];
/** What a registration asks for decides which steps there are. */
type Asked = Pick<TargetRow, 'tls' | 'credentials' | 'defaultDatabase'>;

/** What of a failure says where it was, when the gateway does not name the step. */
const STEP_OF: Readonly<Partial<Record<ErrorCode, TargetTestStep>>> = {
  target_unreachable: 'connect',
  target_protocol_violation: 'connect',
  target_tls_unavailable: 'tls',
  target_tls_untrusted: 'tls',
  target_login_refused: 'login',
  target_unsupported: 'version',
  target_statement_refused: 'privileges',
  target_privileges_missing: 'privileges',
  target_database_missing: 'database',
};

const failureFields = z.object({
  step: z.enum(TARGET_TEST_STEPS).optional().catch(undefined),
  missing: z.array(z.string()).optional().catch(undefined),
});

/** Which step failed; undefined for what says nothing of the target, such as a gateway that lacks a key. */
export function failedStep({ code, fields = {} }: JobFailure): TargetTestStep | undefined {
  return STEP_OF[code] === undefined ? undefined : (failureFields.parse(fields).step ?? STEP_OF[code]);
}

/** The GRANT statements that a provisioning account lacks, where these are what failed. */
export function missingGrants({ fields = {} }: JobFailure): readonly string[] {
  return failureFields.parse(fields).missing ?? [];
}

/** The steps of a test that came to its end. */
export function stepsDone(asked: Asked, report: TargetReport): readonly Step[] {
  const { flavour, version, tls } = report;
  const found: Partial<Record<TargetTestStep, string>> = {
    version: `${flavour}, ${version}`,
    ...(tls === null ? {} : { tls: `${tls.version}, ${tls.cipher}` }),
    ...(asked.defaultDatabase === null ? {} : { database: asked.defaultDatabase }),
  };
  return TARGET_TEST_STEPS.map((step) => isOff(step, asked) ?? { step, outcome: 'ok', detail: found[step] ?? null });
}

/** The steps of a test that failed at one of them. */
export function stepsUntil(failed: TargetTestStep, asked: Asked, detail: string): readonly Step[] {
  const at = TARGET_TEST_STEPS.indexOf(failed);
  return TARGET_TEST_STEPS.map((step, index): Step => {
    if (index === at) return { step, outcome: 'failed', detail };
    const off = isOff(step, asked);
    if (off !== undefined) return off;
    return { step, outcome: index < at ? 'ok' : 'not-reached', detail: null };
  });
}

function isOff(step: TargetTestStep, { tls, credentials, defaultDatabase }: Asked): Step | undefined {
  const why: Partial<Record<TargetTestStep, string | undefined>> = {
    tls: tls.mode === 'off' ? 'The target is registered without TLS.' : undefined,
    privileges: credentials === 'static' ? 'With static credentials nothing is made on the target.' : undefined,
    database: defaultDatabase === null ? 'The target has no default database.' : undefined,
  };
  const detail = why[step];
  return detail === undefined ? undefined : { step, outcome: 'off', detail };
}
