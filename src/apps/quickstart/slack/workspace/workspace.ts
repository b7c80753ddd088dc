import { EventEmitter } from 'node:events';
import { SlackRefusal } from '../refusal.js';
import { Violations } from '../violations.js';
import type { MrkdwnRules } from '../block-kit/mrkdwn.js';
import { MessageStore } from './messages.js';
import { ModalStore } from './modals.js';
import { personOf, type SlackPerson } from './people.js';

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  /** Whether the app is in it; it cannot post where it is not. */
  readonly hasApp: boolean;
  readonly isArchived: boolean;
}

/** Who and what the workspace has, and by which secrets the app and it know each other. */
export interface WorkspaceParts {
  readonly teamId: string;
  readonly appId: string;
  readonly botUserId: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** The command that the app has, such as `/doorwarden`. */
  readonly command: string;
  readonly people: readonly SlackPerson[];
  readonly channels: readonly SlackChannel[];
  /** What the app's token may do; `users:read.email` and `channels:history` are those that may be absent. */
  readonly scopes: readonly string[];
  readonly mrkdwn: MrkdwnRules;
  /** By id, of the user groups that are shown by a name. */
  readonly usergroupNames: ReadonlyMap<string, string>;
  readonly nowMs: () => number;
}

/** The truth of the local Slack, in memory. */
export class Workspace {
  readonly violations = new Violations();
  readonly messages: MessageStore;
  readonly modals = new ModalStore();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #people = new Map<string, SlackPerson>();

  readonly parts: WorkspaceParts;

  constructor(parts: WorkspaceParts) {
    this.parts = parts;
    this.messages = new MessageStore(parts.nowMs);
    const { teamId, botUserId } = parts;
    const bot = personOf({ id: botUserId, teamId, name: 'Doorwarden', email: null, isBot: true });
    for (const person of [bot, ...parts.people]) this.#people.set(person.id, person);
  }

  get people(): readonly SlackPerson[] {
    return [...this.#people.values()].filter(({ isBot }) => !isBot);
  }

  findPerson(id: string): SlackPerson | undefined {
    return this.#people.get(id);
  }

  /** Puts somebody in, or changes what Slack says of them. */
  setPerson(person: SlackPerson): void {
    this.#people.set(person.id, person);
    this.changed();
  }

  /** @throws SlackRefusal for a channel that the app cannot write to */
  channel(id: string): SlackChannel {
    const found = this.parts.channels.find((channel) => channel.id === id);
    if (found === undefined) throw new SlackRefusal('channel_not_found');
    if (!found.hasApp) throw new SlackRefusal('not_in_channel');
    if (found.isArchived) throw new SlackRefusal('is_archived');
    return found;
  }

  changed(): void {
    this.#changes.emit('change');
  }

  /** Calls back after each change; gives what ends it. */
  onChange(changed: () => void): () => void {
    this.#changes.on('change', changed);
    return () => this.#changes.off('change', changed);
  }

  /**
   * Looks after each change until there is something, and gives it.
   * @throws Error when there is nothing after `msMax`
   */
  async waitFor<T>(look: () => T | undefined, msMax: number, what: string): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const attempt = (): void => {
      const found = look();
      if (found !== undefined) resolve(found);
    };
    const end = this.onChange(attempt);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`${what}: nothing after ${msMax / 1000} s`)), msMax);
    try {
      attempt();
      return await Promise.race([promise, late.promise]);
    } finally {
      clearTimeout(timer);
      end();
    }
  }
}
