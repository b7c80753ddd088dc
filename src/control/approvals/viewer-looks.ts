import { Inject, Injectable } from '@nestjs/common';
import { type Person, personBehind } from '../../domain/identity/person.js';
import type { Clock } from '../../kernel/clock.js';
import { PersonRepository } from '../../persistence/identity/person.repository.js';
import type { Caller } from '../http/access.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { CLOCK } from '../modules/tokens.js';
import type { Look } from './look.js';

/** What is remembered only says what is shown: a decision asks the database. */
const AGE_MS_MAX = 5_000;
const PERSONS_MAX = 1_000;

interface Remembered {
  readonly person: Person;
  readonly untilMs: number;
}

/** With what callers look at approvals. The person behind one who decides costs one query in a while, others none. */
@Injectable()
export class ViewerLooks {
  readonly #remembered = new Map<string, Remembered>();

  constructor(
    private readonly persons: PersonRepository,
    private readonly protocols: KnownProtocols,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws BrokerError `state_unavailable` */
  async of(viewer: Caller): Promise<Look> {
    const nowMs = this.clock.nowMs();
    return { viewer, person: await this.#behind(viewer, nowMs), nowMs, protocols: this.protocols };
  }

  async #behind(viewer: Caller, nowMs: number): Promise<Person> {
    const { id, name, permissions } = viewer;
    if (!permissions.has('approval.decide')) return personBehind([{ id, name, email: null }], []);
    const found = this.#remembered.get(id);
    if (found !== undefined && found.untilMs > nowMs) return found.person;
    const person = await this.persons.behind(viewer);
    this.#remembered.delete(id);
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size >= PERSONS_MAX) this.#remembered.delete(oldest);
    this.#remembered.set(id, { person, untilMs: nowMs + AGE_MS_MAX });
    return person;
  }
}
