import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { buttonsOf, wordsOfBlocks } from '../../src/apps/quickstart/slack/block-kit/read-out.js';
import type { SlackMessage } from '../../src/apps/quickstart/slack/workspace/messages.js';
import type { ApprovalId } from '../../src/kernel/brand.js';
import { slackPaceEntity } from '../../src/persistence/entities/channels/slack-message.js';
import { TERMS } from '../support/approval-state.js';
import { useBroker } from '../support/broker.js';
import { useQuestions } from '../support/questions.js';
import { APPROVALS, slackEnvironment, useSlack } from '../support/slack/use-slack.js';
import { slackPausesRunOut } from '../support/time-passes.js';

const PUBLIC_URL = 'http://127.0.0.1:8080';
/** Calls without an answer while Slack is away, each with a longer pause after it; the test does not wait for the pauses. */
const FAILURES = 4;
/** By hand, ten minutes for example, in which the pauses are the broker's own. */
const AWAY_MS = Number(process.env['DOORWARDEN_TEST_SLACK_AWAY_SECONDS'] ?? 0) * 1_000;
/** People have longer than Slack is away. */
const PATIENCE_MS = AWAY_MS + 600_000;
const QUESTIONS = 8;
const CHANNELS = Array.from({ length: 10 }, (_, at) => `C0MANY${at}`);
/** A dozen in each channel: the burst that Slack lets pass is two, and what comes after it has to keep to the limit. */
const MANY = 120;

const TRIES = { timeout: 60_000, interval: 250 };

const local = useSlack({
  links: [`${PUBLIC_URL}/`],
  channels: [APPROVALS, ...CHANNELS].map((id) => ({ id, name: id.toLowerCase() })),
});
const broker = useBroker({
  policies: 'default',
  gateways: 0,
  envOf: () => Promise.resolve({ worker: { ...slackEnvironment(local.slack), PUBLIC_URL } }),
});
const questions = useQuestions(broker);

/** By approval, all messages about it. */
function shown(channels: readonly string[]): ReadonlyMap<unknown, readonly SlackMessage[]> {
  const all = channels.flatMap((channel) => local.slack.messages(channel)).filter(({ threadTs }) => threadTs === null);
  return Map.groupBy(all, ({ metadata }) => metadata?.event_payload['approval']);
}

/** How often Slack was called for the channel without an answer. Another call may be made at once. */
async function failures(): Promise<number> {
  await slackPausesRunOut(broker());
  return (await questions().source.getRepository(slackPaceEntity).findOneBy({ name: APPROVALS }))?.failures ?? 0;
}

describe('questions', () => {
  it(
    'that come while Slack is away are all there once it is back, none twice, as they are then',
    async () => {
      local.slack.faults.goAway();
      const ids: ApprovalId[] = [];
      for (let number = 0; number < QUESTIONS; number += 1)
        ids.push(await questions().ask({ expiresAtMs: Date.now() + PATIENCE_MS }));
      const [denied, ...waiting] = ids;
      if (denied === undefined) throw new Error('Nothing was asked');
      // The API goes on: a decision takes no longer because of it.
      expect((await questions().decide(denied, { decision: 'deny', reason: 'Not now' })).status).toBe(200);
      await (AWAY_MS > 0 ? pause(AWAY_MS) : expect.poll(failures, TRIES).toBeGreaterThanOrEqual(FAILURES));
      expect(shown([APPROVALS]).size).toBe(0);
      local.slack.faults.comeBack();
      if (AWAY_MS === 0) await slackPausesRunOut(broker());
      await local.slack.waitFor(
        () => waiting.every((id) => shown([APPROVALS]).has(id)) || undefined,
        'all questions are there',
        180_000,
      );
      const found = shown([APPROVALS]);
      for (const id of waiting) {
        const messages = found.get(id) ?? [];
        expect(messages).toHaveLength(1);
        expect(buttonsOf(messages[0]?.blocks ?? []).map(({ action_id: action }) => action)).toContain('approve');
      }
      const settled = found.get(denied) ?? [];
      expect(settled.length).toBeLessThanOrEqual(1);
      for (const { blocks } of settled) expect(wordsOfBlocks(blocks)).toContain('Denied');
    },
    AWAY_MS + 275_000,
  );

  it('that come by the hundred are posted within the limits of Slack, each once', async () => {
    const startedMs = Date.now();
    const ids: ApprovalId[] = [];
    for (let number = 0; number < MANY; number += 1) {
      const slackChannels = [CHANNELS[number % CHANNELS.length] ?? ''];
      ids.push(await questions().ask({ terms: { ...TERMS, slackChannels } }));
    }
    const askedMs = Date.now() - startedMs;
    await local.slack.waitFor(() => shown(CHANNELS).size === MANY || undefined, 'all are posted', 480_000);
    const found = shown(CHANNELS);
    for (const id of ids) expect(found.get(id)).toHaveLength(1);
    const limited = local.slack.calls.filter(({ outcome }) => outcome === 'ratelimited').length;
    process.stdout.write(
      `${MANY} questions asked in ${Math.round(askedMs / 1000)} s, posted to ${CHANNELS.length} channels in ` +
        `${Math.round((Date.now() - startedMs) / 1000)} s; ${limited} calls were too many\n`,
    );
    expect(limited).toBeLessThan(MANY / 50);
  }, 600_000);
});
