/** What the package `@doorwarden/client` gives (clients/typescript/). */
export type { MeView } from '../contracts/sign-in/session.js';
export type { AnyTargetView } from '../contracts/grants/target.js';
export type { ApprovalSummaryView, ApprovalView } from '../contracts/approvals/approval.js';
export type {
  ConnectionView,
  GrantDetailView,
  GrantOpenedView,
  GrantRequest,
  GrantView,
} from '../contracts/grants/grant.js';
export type { ApiCredential } from './api-call.js';
export { ApiFailure, type ApiProblem } from './api-failure.js';
export type { ApiRetry } from './api-retry.js';
export { credentialOfFile } from './credential-file.js';
export {
  type ApprovalListOptions,
  connectDoorwarden,
  type DoorwardenAddress,
  type DoorwardenClient,
  type GrantListOptions,
} from './doorwarden-client.js';
export { addressOfEnvironment } from './environment.js';
export type {
  ApprovalWaitOptions,
  GrantClient,
  GrantWaitOptions,
  RequestOptions,
  WaitOptions,
} from './grant-client.js';
export { GrantDeniedError, GrantNotClosedError, GrantRefusedError, GrantTimedOutError } from './grant-errors.js';
export { type ApprovalProgress, type GrantProgress, type ProgressOptions, waitForGrant } from './grant-progress.js';
export {
  type ApprovalOptions,
  type HeldStatement,
  heldStatement,
  sendApproved,
  StatementRefusedError,
  type StatementRefusal,
  statementRefusal,
  waitForApproval,
} from './held-statement.js';
export { type CloseOptions, type OpenedGrant, openGrant, type OpenOptions } from './open-grant.js';
export { type GrantOptions, type GrantWork, withGrant } from './with-grant.js';
