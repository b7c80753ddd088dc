import type { SlackService } from './slack.service.js';
import type { SlackParts } from './slack-parts.js';

/** Makes what receives from Slack, where this broker has one; only then its packages are loaded. */
export class SlackMaker {
  constructor(private readonly parts: SlackParts) {}

  /** Null where this broker has no Slack. */
  async receiving(): Promise<SlackService | null> {
    const { settings } = this.parts;
    if (settings === null) return null;
    const { receivingOf } = await import('./slack-receiving.js');
    return receivingOf(this.parts, settings);
  }
}
