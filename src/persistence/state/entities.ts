import { apiKeyEntity } from '../entities/api-key.js';
import { approvalDecisionEntity, approvalEntity } from '../entities/approval.js';
import { approvalWithdrawalEntity } from '../entities/approval-withdrawal.js';
import { eventEntity } from '../entities/event.js';
import { gatewayEntity } from '../entities/gateway.js';
import { channelEntity } from '../entities/channel.js';
import { emailDigestEntity, emailToldEntity, noticeChoiceEntity } from '../entities/email.js';
import { grantEntity } from '../entities/grant.js';
import { idempotentCallEntity } from '../entities/idempotent-call.js';
import { identityEntity } from '../entities/identity.js';
import { identityMappingEntity } from '../entities/identity-mapping.js';
import { identityProviderEntity } from '../entities/identity-provider.js';
import { keyRequestEntity } from '../entities/key-request.js';
import { policyEntity, policyStateEntity, policyVersionEntity } from '../entities/policy.js';
import { principalEntity } from '../entities/principal.js';
import { publishedKeyEntity } from '../entities/published-key.js';
import {
  recordCheckpointEntity,
  recordEntryEntity,
  recordHeadEntity,
  recordRepeatEntity,
} from '../entities/administrative-record.js';
import { recordingEntity } from '../entities/recording.js';
import { recordingReviewEntity } from '../entities/recording-review.js';
import { targetInspectionEntity } from '../entities/target-inspection.js';
import { brokerSecretEntity } from '../entities/broker-secret.js';
import { signInLinkEntity } from '../entities/sign-in-link.js';
import { slackMessageEntity, slackPaceEntity } from '../entities/slack-message.js';
import { slackInteractionEntity } from '../entities/slack-interaction.js';
import { slackLinkCodeEntity, slackLinkEntity } from '../entities/slack-link.js';
import {
  statementEntity,
  statementFacetEntity,
  statementGrantEntity,
  statementTermEntity,
  statementWordingEntity,
} from '../entities/statement-index.js';
import { targetEntity } from '../entities/target.js';
import { webhookDeliveryEntity, webhookEntity } from '../entities/webhook.js';
import { workerEntity } from '../entities/worker.js';

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
