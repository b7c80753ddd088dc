/** What a gateway does when it tests a target, in this order. */
export const TARGET_TEST_STEPS = ['resolve', 'connect', 'tls', 'login', 'version', 'privileges', 'database'] as const;
export type TargetTestStep = (typeof TARGET_TEST_STEPS)[number];

/** `off`: the registration does not ask for it. `not-reached`: a step before it failed. */
export const TEST_STEP_OUTCOMES = ['ok', 'failed', 'off', 'not-reached'] as const;
export type TestStepOutcome = (typeof TEST_STEP_OUTCOMES)[number];

/** What makes a target less safe than it could be. */
export const TARGET_WARNINGS = [
  'tls-off',
  'tls-unverified',
  'tls-name-unchecked',
  'static-credentials',
  'no-password',
] as const;
export type TargetWarningCode = (typeof TARGET_WARNINGS)[number];
