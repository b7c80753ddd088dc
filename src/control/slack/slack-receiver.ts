import { createHash } from 'node:crypto';
import { helpText, readCommand, type SlackCommand } from '../../channels/slack/receive/command.js';
import { readPayload, type PayloadReading, type SlackAct } from '../../channels/slack/receive/payload.js';
import { newId } from '../../domain/ids.js';
import type { SlackAccount } from '../../domain/slack-asked.js';
import type {
  NewSlackInteraction,
  SlackInteractionRepository,
} from '../../persistence/slack/slack-interaction.repository.js';
import type { SlackCounts, SlackInteractions } from './slack-interactions.js';
import { hashOfCode } from './slack-links.service.js';

/** What Slack is told, within a second; then the work begins. */
export interface Acknowledgement {
  readonly status: 200 | 400 | 429;
  /** As JSON; undefined: nothing. */
  readonly body?: object;
  /** After Slack has been told. Never fails. */
  readonly work?: () => Promise<void>;
}

export interface SlackReceiverOptions {
  readonly reading: PayloadReading;
  readonly interactions: SlackInteractionRepository;
  readonly worker: SlackInteractions;
  /** Whether the workspace, and the account, may do one more thing now. */
  readonly mayAct: (account: SlackAccount) => Promise<boolean>;
  readonly ownPage: () => string;
  readonly counts: SlackCounts;
}

const NOTHING: Acknowledgement = { status: 200 };

/** Takes what Slack sends, by whichever way it came: what has to be acted on is a row before Slack is told that it arrived. */
export class SlackReceiver {
  constructor(private readonly options: SlackReceiverOptions) {}

  /** The JSON of a click or a form. @throws BrokerError `state_unavailable`, and then nothing was accepted */
  async take(payload: string): Promise<Acknowledgement> {
    const read = readPayload(payload, this.options.reading);
    switch (read.kind) {
      case 'nothing':
        return NOTHING;
      case 'invalid':
        return { status: 400 };
      case 'errors':
        return { status: 200, body: { response_action: 'errors', errors: read.errors } };
      case 'act':
        return this.#accept(read.act);
      default:
        return read satisfies never;
    }
  }

  /** The fields of a command. @throws BrokerError `state_unavailable`, and then nothing was accepted */
  async takeCommand(fields: unknown): Promise<Acknowledgement> {
    const command = readCommand(fields);
    if (command === undefined) return { status: 400 };
    if (command.kind === 'link') return this.#accept(linkActOf(command));
    return { status: 200, body: { response_type: 'ephemeral', text: helpText(this.options.ownPage()) } };
  }

  async #accept({ account, same, asked, place, trigger }: SlackAct): Promise<Acknowledgement> {
    const { interactions, worker, mayAct, counts } = this.options;
    if (!(await mayAct(account))) return { status: 429 };
    const made: NewSlackInteraction = { id: newId(), sameKey: keyOf(same), ...account, asked, place };
    const claim = await interactions.accept(made);
    if (claim === undefined) {
      counts.acted('repeated');
      return NOTHING;
    }
    const row = { ...made, state: 'accepted', answer: null, attempts: 1, claimedUntilMs: 0, acceptedAtMs: 0 } as const;
    return { status: 200, work: () => worker.work({ ...claim, row, ageMs: 0 }, trigger) };
  }
}

function linkActOf({ account, code, same, place }: Extract<SlackCommand, { kind: 'link' }>): SlackAct {
  return { account, same, asked: { kind: 'link', codeHash: hashOfCode(code) }, place, trigger: null };
}

function keyOf(same: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(same)).digest('hex');
}
