import { randomBytes } from 'node:crypto';
import { SlackRefusal } from '../refusal.js';
import type { Workspace } from '../workspace/workspace.js';

const TRIGGER_MS = 3_000;
const RESPONSES_MAX = 5;
const RESPONSE_MS = 30 * 60_000;

interface Ticket {
  readonly user: string;
  readonly channel: string | null;
  readonly messageTs: string | null;
  readonly madeMs: number;
  uses: number;
}

/** The short-lived rights that come with a click: one modal within 3 s, five answers within 30 min. */
export class Triggers {
  readonly #triggers = new Map<string, Ticket>();
  readonly #responses = new Map<string, Ticket>();

  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  makeTrigger(user: string): string {
    const id = `${this.#workspace.parts.nowMs()}.${randomBytes(12).toString('hex')}`;
    this.#triggers.set(id, this.#ticket(user, null, null));
    return id;
  }

  /** The path of a response URL. */
  makeResponse(user: string, channel: string, messageTs: string | null): string {
    const path = `/response/${randomBytes(18).toString('base64url')}`;
    this.#responses.set(path, this.#ticket(user, channel, messageTs));
    return path;
  }

  /** Who may see the modal. @throws SlackRefusal */
  useTrigger(id: string): string {
    const ticket = this.#triggers.get(id);
    if (ticket === undefined) throw this.#refused('trigger', 'invalid_trigger_id', 'a trigger that was never given');
    ticket.uses += 1;
    if (ticket.uses > 1) throw this.#refused('trigger', 'exchanged_trigger_id', 'a trigger was used twice');
    if (this.#ageMs(ticket) > TRIGGER_MS)
      throw this.#refused('trigger', 'expired_trigger_id', `a trigger was used after ${this.#ageMs(ticket)} ms`);
    return ticket.user;
  }

  /** Whom a response URL answers, and where. @throws SlackRefusal */
  useResponse(path: string): Pick<Ticket, 'user' | 'channel' | 'messageTs'> {
    const ticket = this.#responses.get(path);
    if (ticket === undefined) throw this.#refused('response-url', 'invalid_url', 'a response URL that was never given');
    ticket.uses += 1;
    if (ticket.uses > RESPONSES_MAX) throw this.#refused('response-url', 'used_url', 'a response URL was used 6 times');
    if (this.#ageMs(ticket) > RESPONSE_MS) throw this.#refused('response-url', 'expired_url', 'a response URL is over');
    return ticket;
  }

  #ticket(user: string, channel: string | null, messageTs: string | null): Ticket {
    return { user, channel, messageTs, madeMs: this.#workspace.parts.nowMs(), uses: 0 };
  }

  #ageMs({ madeMs }: Ticket): number {
    return this.#workspace.parts.nowMs() - madeMs;
  }

  #refused(kind: 'trigger' | 'response-url', code: string, what: string): SlackRefusal {
    this.#workspace.violations.note(kind, what);
    return new SlackRefusal(code);
  }
}
