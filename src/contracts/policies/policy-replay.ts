import { z } from 'zod';
import { NOT_JUDGED, REPLAY_CAVEATS } from '../../domain/policy-replay.js';
import { VERDICTS } from '../../domain/verdict.js';
import { idSchema } from '../page.js';
import { holdTermsView, policyDraft, policyWarningView } from './policy.js';
import { targetName } from '../grants/target.js';

export const REPLAYED_MAX = 2_000;

/** Has the newest recorded statements judged again, as if the draft were in force. */
export const policyReplayRequest = policyDraft.extend({
  last: z
    .int()
    .min(1)
    .max(REPLAYED_MAX)
    .default(REPLAYED_MAX)
    .meta({ description: 'So many of the newest statements.' }),
  target: targetName.optional().meta({ description: 'Only those of this target.' }),
});
export type PolicyReplayRequest = z.infer<typeof policyReplayRequest>;

const verdict = z.enum(VERDICTS);
const ids = z.array(z.string()).readonly().meta({ description: '`<policy>#<id>` of those that led to it.' });
const time = z.iso.datetime();

/** A statement that the draft would judge otherwise than the policies in force do. */
export const replayedStatementView = z
  .object({
    grant: idSchema,
    seq: z.int().meta({ description: 'Its entry in the recording of the grant.' }),
    operation: z.int(),
    at: time,
    principal: z.string(),
    target: z.string(),
    database: z.string().nullable(),
    excerpt: z.string().meta({ description: 'How the statement begins, as it was sent.' }),
    isShape: z.boolean().meta({
      description: 'The excerpt has placeholders for values: the whole text takes the permission recording.read.',
    }),
    was: z.object({ verdict, policies: ids }).meta({ description: 'What its recording says.' }),
    now: z.object({ verdict, policies: ids }).meta({ description: 'What the policies in force say of it.' }),
    would: z
      .object({ verdict, policies: ids, why: z.string(), hold: holdTermsView.nullable() })
      .meta({ description: 'What they would say with the draft.' }),
  })
  .meta({ id: 'ReplayedStatement' });
export type ReplayedStatementView = z.infer<typeof replayedStatementView>;

export const policyReplayView = z
  .object({
    judged: z.int(),
    oldest: time.nullable().meta({ description: 'When the oldest statement was sent that was looked at.' }),
    newest: time.nullable(),
    differs: z.array(replayedStatementView).readonly().meta({
      description: 'The verdict, or the terms of the hold, are others than without the draft. The newest come first.',
    }),
    changes: z
      .array(z.object({ from: verdict, to: verdict, count: z.int() }))
      .readonly()
      .meta({ description: 'How many differ, and how. From hold to hold: with other terms.' }),
    notUnderstood: z.int().meta({ description: 'Of those judged: texts that the broker does not understand.' }),
    driftedSince: z.int().meta({
      description:
        'Of those judged: their recordings have another verdict than the policies in force give now, because the policies have changed since or the gateway knew more.',
    }),
    notJudged: z
      .array(z.object({ code: z.enum(NOT_JUDGED), why: z.string(), count: z.int() }))
      .readonly()
      .meta({ description: 'Statements that could not be judged again, by the reason.' }),
    caveats: z
      .array(z.object({ code: z.enum(REPLAY_CAVEATS), text: z.string() }))
      .readonly()
      .meta({
        description: "What a gateway knows and this call does not, so that a gateway's verdict may be another.",
      }),
    warnings: z.array(policyWarningView).readonly(),
    version: z.string().meta({ description: 'Of all policies with the draft among them.' }),
    catalog: z.literal(false).meta({ description: 'No target was asked.' }),
  })
  .meta({ id: 'PolicyReplay' });
export type PolicyReplayView = z.infer<typeof policyReplayView>;
