import { sponsorText } from '../../../domain/identity/person.js';
import { shownLine } from '../../../domain/visible-text.js';
import type { GrantClosed, GrantOpened } from '../../../recording/entries/entries.js';
import { driverNoise, isDenied, mayHaveChanged } from '../../../recording/replay/step-facts.js';
import { stepLine } from '../../../recording/replay/step-text.js';
import type { OperationStep, StoryStep } from '../../../recording/replay/story.js';
import type { RecordedReplay } from '../../../recording/replay/teller.js';

/** More are counted, and seen with --changes and --denied. */
const LISTED_MAX = 50;

/** A task on one screen: who did what, how much of it, what it changed and what it was not allowed to. */
export class ReplaySummary {
  readonly #replay: RecordedReplay;
  #opened: GrantOpened | undefined;
  #closed: GrantClosed | undefined;
  #lastUs = 0;
  readonly #sessions = new Set<number>();
  readonly #counts = new Map<string, number>();
  readonly #changes: string[] = [];
  readonly #denied: string[] = [];
  #changed = 0;

  constructor(replay: RecordedReplay) {
    this.#replay = replay;
  }

  take(step: StoryStep): void {
    for (const { entry } of step.entries) {
      this.#lastUs = Math.max(this.#lastUs, entry.mono);
      if (entry.type === 'grant.opened') this.#opened = entry;
      if (entry.type === 'grant.closed') this.#closed = entry;
      if (entry.type === 'session.opened') this.#sessions.add(entry.session);
    }
    if (driverNoise(step) !== undefined) return this.#count("of the drivers' own");
    if (isDenied(step)) this.#deny(step);
    if (step.kind !== 'operation') return;
    const { operation, result } = step;
    this.#count(`${this.#replay.nouns.operation}s`);
    if (step.asked !== undefined) this.#count('held for people');
    if (step.decided !== undefined) this.#count(`${step.decided.outcome} of these`);
    if (result?.entry.outcome === 'error' && !isDenied(step)) this.#count('failed at the target');
    if (result?.entry.outcome === 'unknown') this.#count('without an answer');
    if (mayHaveChanged(step)) this.#change(step);
    else if (operation.told.effect() === 'read' && result?.entry.outcome === 'ok') this.#count('reads');
  }

  lines(): readonly string[] {
    const replay = this.#replay;
    const { nouns } = replay;
    const { task, principal, sponsor, target } = this.#opened ?? {};
    const reference = task?.reference === undefined ? '' : ` (${task.reference})`;
    const fields: readonly (readonly [string, string])[] = [
      ['grant', this.#opened?.grant ?? 'not in the chosen part'],
      ['task', `${task?.title ?? ''}${reference}`],
      ['by', principal === undefined ? '' : `${principal.name} (${principal.kind})`],
      ['sponsor', sponsor === undefined ? '' : sponsorText(sponsor)],
      ['target', target === undefined ? '' : `${target.name}, ${target.flavour} ${replay.versionText(target.version)}`],
      ['took', `${(this.#lastUs / 1_000_000).toFixed(3)} s, in ${counted(this.#sessions.size, 'session')}`],
      ['ended', this.#closed === undefined ? 'not in the chosen part' : endOf(this.#closed)],
      ...[...this.#counts].map(([name, count]) => ['count', `${count} ${name}`] as const),
      ['changed', `${counted(this.#changed, nouns.changed)}, by ${counted(this.#changes.length, nouns.operation)}`],
    ];
    return [
      ...fields.filter(([, text]) => text !== '').map(([name, text]) => `${name.padEnd(8)}  ${shownLine(text)}`),
      ...listed('changes', this.#changes),
      ...listed('denied', this.#denied),
    ];
  }

  #change(step: OperationStep): void {
    this.#count('changes');
    this.#changed += step.result?.told.changed ?? 0;
    this.#changes.push(stepLine(step, this.#replay.nouns));
  }

  #deny(step: StoryStep): void {
    this.#count('denied or refused');
    this.#denied.push(stepLine(step, this.#replay.nouns));
  }

  #count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

function endOf({ reason, interrupted, account }: GrantClosed): string {
  return `${reason}${interrupted ? ', interrupted' : ''}; its account on the target: ${account.state}`;
}

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

function listed(name: string, lines: readonly string[]): readonly string[] {
  const more = lines.length > LISTED_MAX ? [`  … and ${lines.length - LISTED_MAX} more; see --${name}`] : [];
  return lines.length === 0 ? [] : ['', `${name}:`, ...lines.slice(0, LISTED_MAX).map((line) => `  ${line}`), ...more];
}
