import { apiKeyEntity } from '../entities/identity/api-key.js';
import { approvalDecisionEntity, approvalEntity } from '../entities/approvals/approval.js';
import { approvalWithdrawalEntity } from '../entities/approvals/approval-withdrawal.js';
import { eventEntity } from '../entities/channels/event.js';
import { gatewayEntity } from '../entities/processes/gateway.js';
import { channelEntity } from '../entities/channels/channel.js';
import { emailDigestEntity, emailToldEntity, noticeChoiceEntity } from '../entities/channels/email.js';
import { grantEntity } from '../entities/grants/grant.js';
import { idempotentCallEntity } from '../entities/idempotent-call.js';
import { identityEntity } from '../entities/identity/identity.js';
import { identityMappingEntity } from '../entities/identity/identity-mapping.js';
import { identityProviderEntity } from '../entities/identity/identity-provider.js';
import { keyRequestEntity } from '../entities/identity/key-request.js';
import { policyEntity, policyStateEntity, policyVersionEntity } from '../entities/policy.js';
import { principalEntity } from '../entities/identity/principal.js';
import { publishedKeyEntity } from '../entities/recordings/published-key.js';
import {
  recordCheckpointEntity,
  recordEntryEntity,
  recordHeadEntity,
  recordRepeatEntity,
} from '../entities/administrative-record.js';
import { recordingEntity } from '../entities/recordings/recording.js';
import { recordingReviewEntity } from '../entities/recordings/recording-review.js';
import { targetInspectionEntity } from '../entities/grants/target-inspection.js';
import { brokerSecretEntity } from '../entities/identity/broker-secret.js';
import { signInLinkEntity } from '../entities/identity/sign-in-link.js';
import { slackMessageEntity, slackPaceEntity } from '../entities/channels/slack-message.js';
import { slackInteractionEntity } from '../entities/channels/slack-interaction.js';
import { slackLinkCodeEntity, slackLinkEntity } from '../entities/channels/slack-link.js';
import {
  statementEntity,
  statementFacetEntity,
  statementGrantEntity,
  statementTermEntity,
  statementWordingEntity,
} from '../entities/recordings/statement-index.js';
import { targetEntity } from '../entities/grants/target.js';
import { webhookDeliveryEntity, webhookEntity } from '../entities/channels/webhook.js';
import { workerEntity } from '../entities/processes/worker.js';

/** Every table of the state database. A test holds the migrations against this list. */
export const ENTITIES = [
  principalEntity,
  apiKeyEntity,
  keyRequestEntity,
  identityEntity,
  identityProviderEntity,
  identityMappingEntity,
  signInLinkEntity,
  brokerSecretEntity,
  targetEntity,
  targetInspectionEntity,
  publishedKeyEntity,
  gatewayEntity,
  grantEntity,
  recordingEntity,
  recordingReviewEntity,
  policyEntity,
  policyVersionEntity,
  policyStateEntity,
  approvalEntity,
  approvalDecisionEntity,
  approvalWithdrawalEntity,
  slackMessageEntity,
  slackPaceEntity,
  workerEntity,
  idempotentCallEntity,
  recordEntryEntity,
  recordHeadEntity,
  recordCheckpointEntity,
  recordRepeatEntity,
  statementTermEntity,
  statementWordingEntity,
  statementGrantEntity,
  statementEntity,
  statementFacetEntity,
  channelEntity,
  noticeChoiceEntity,
  emailDigestEntity,
  emailToldEntity,
  slackLinkEntity,
  slackLinkCodeEntity,
  slackInteractionEntity,
  eventEntity,
  webhookEntity,
  webhookDeliveryEntity,
];
