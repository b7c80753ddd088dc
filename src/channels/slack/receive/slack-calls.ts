import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { SlackAccount, SlackPlace } from '../../../domain/slack-asked.js';
import { slackClient, slackFailureOf } from '../slack-api.js';

/** A form opens within three seconds of the click, or not at all; somebody waits. */
const HASTY_MS = 2_000;
const PATIENT_MS = 10_000;
const SLACKS_OWN = 'https://hooks.slack.com';

/** A call of Slack's that did not work, by its reason in a word: Slack's own, or what became of the request. */
export class SlackCallError extends Error {
  constructor(readonly reason: string) {
    super(`Slack did not do it: ${reason}`);
    this.name = 'SlackCallError';
  }
}

/** What Slack says of one of its users. */
const slackUser = z.object({
  id: z.string(),
  team_id: z.string().nullish(),
  deleted: z.boolean().default(false),
  is_bot: z.boolean().default(false),
  is_stranger: z.boolean().default(false),
  is_restricted: z.boolean().default(false),
  is_ultra_restricted: z.boolean().default(false),
  is_email_confirmed: z.boolean().default(false),
  profile: z.object({ email: z.string().max(320).nullish() }).default({}),
});
export type SlackUser = z.infer<typeof slackUser>;

export interface SlackCallsOptions {
  readonly botToken: string;
  /** Ends with a slash. */
  readonly apiUrl: string;
}

/** What the api asks of Slack. Nothing is tried twice here. */
export class SlackCalls {
  readonly #hasty: WebClient;
  readonly #patient: WebClient;
  readonly #answersAt: ReadonlySet<string>;

  constructor(settings: SlackCallsOptions) {
    this.#hasty = slackClient(settings, HASTY_MS);
    this.#patient = slackClient(settings, PATIENT_MS);
    this.#answersAt = new Set([SLACKS_OWN, new URL(settings.apiUrl).origin]);
  }

  /** @throws SlackCallError */
  async openForm(trigger: string, view: ModalView): Promise<void> {
    await called(() => this.#hasty.views.open({ trigger_id: trigger, view }));
  }

  /** As Slack knows them now. @throws SlackCallError */
  async userOf({ user }: SlackAccount): Promise<SlackUser> {
    const { user: found } = await called(() => this.#hasty.users.info({ user }));
    const parsed = slackUser.safeParse(found);
    if (!parsed.success || parsed.data.id !== user) throw new SlackCallError('answer_not_understood');
    return parsed.data;
  }

  /** Shows a text to one user and to nobody else, where they acted. @throws SlackCallError when neither way works */
  async tellAlone({ user }: SlackAccount, { channel, responseUrl }: SlackPlace, text: string): Promise<void> {
    if (channel !== null) {
      try {
        await called(() => this.#patient.chat.postEphemeral({ channel, user, text }));
        return;
      } catch (error) {
        if (responseUrl === null) throw error;
      }
    }
    if (responseUrl === null) throw new SlackCallError('no_place_to_answer');
    await this.#answerAt(responseUrl, text);
  }

  /** Only to Slack itself, whatever address came with a click. */
  async #answerAt(address: string, text: string): Promise<void> {
    if (!this.#answersAt.has(new URL(address).origin)) throw new SlackCallError('response_url_of_others');
    try {
      const { ok, status, body } = await fetch(address, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENT_MS),
      });
      await body?.cancel();
      if (!ok) throw new SlackCallError(`http_${status}`);
    } catch (error) {
      throw error instanceof SlackCallError ? error : new SlackCallError('unreachable');
    }
  }
}

/** Errors of the library may hold the request with its token: only their reason goes on. */
async function called<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new SlackCallError(reasonOf(error));
  }
}

/** A word for what became of a call; `unreachable` where nobody knows. */
export function reasonOf(error: unknown): string {
  const failure = slackFailureOf(error);
  if (failure.kind === 'limited') return 'rate_limited';
  return failure.kind === 'refused' ? failure.code : 'unreachable';
}
