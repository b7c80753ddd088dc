import type { MessageBlock } from '../block-kit/blocks.js';

/** One message as it stands. It is never changed: an edit makes another one, so a copy is what somebody saw then. */
export interface SlackMessage {
  /** Names it in its channel, and says when it was posted. */
  readonly ts: string;
  readonly channel: string;
  /** The `ts` of the message that it answers in a thread. */
  readonly threadTs: string | null;
  /** The one who wrote it. */
  readonly author: string;
  /** What notifications show. */
  readonly text: string;
  readonly blocks: readonly MessageBlock[];
  readonly metadata: MessageMeta | null;
  readonly edits: number;
  /** The only one who sees it, of an ephemeral message. */
  readonly onlyFor: string | null;
}

/** What an app has stored with a message, unseen. */
export interface MessageMeta {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
}

export type NewMessage = Omit<SlackMessage, 'ts' | 'edits'>;

/** The messages of all channels, the oldest first. */
export class MessageStore {
  readonly #byTs = new Map<string, SlackMessage>();
  #lastMicroseconds = 0;

  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  add(message: NewMessage): SlackMessage {
    const added = { ...message, ts: this.#nextTs(), edits: 0 };
    this.#byTs.set(keyOf(added), added);
    return added;
  }

  find(channel: string, ts: string): SlackMessage | undefined {
    return this.#byTs.get(keyOf({ channel, ts }));
  }

  edit(message: SlackMessage, change: Partial<Pick<SlackMessage, 'text' | 'blocks' | 'metadata'>>): SlackMessage {
    const edited = { ...message, ...change, edits: message.edits + 1 };
    this.#byTs.set(keyOf(edited), edited);
    return edited;
  }

  remove(message: SlackMessage): void {
    this.#byTs.delete(keyOf(message));
  }

  in(channel: string): readonly SlackMessage[] {
    return [...this.#byTs.values()].filter((message) => message.channel === channel);
  }

  /** Seconds and microseconds, as Slack writes them; no two are equal. */
  #nextTs(): string {
    this.#lastMicroseconds = Math.max(this.#nowMs() * 1000, this.#lastMicroseconds + 1);
    const digits = String(this.#lastMicroseconds).padStart(16, '0');
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  }
}

function keyOf({ channel, ts }: Pick<SlackMessage, 'channel' | 'ts'>): string {
  return `${channel} ${ts}`;
}
