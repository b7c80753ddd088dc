import type { JudgedStatement, Judgement, SessionScene } from './judgement.js';

/** Texts of no shape that is cached are remembered whole, when they are short. */
const TEXT_LENGTH_MAX = 512;
/** In bytes, roughly; an agent that never repeats itself must not fill the gateway's memory. */
const WEIGHT_MAX = 4 * 1024 * 1024;
const JUDGEMENT_WEIGHT_MAX = 64 * 1024;
const JUDGEMENT_WEIGHT = 1_000;
const NAME_WEIGHT = 150;
const SCENE_WEIGHT = 1_000;

/** What was judged in one scene: by fingerprint, by whole text, and by the bytes that were prepared. */
class SceneMemory {
  readonly #byFingerprint = new Map<string, Judgement>();
  readonly #byText = new Map<string, Judgement>();
  /** Prepared texts are the same Buffer each time they are executed, and are forgotten with it. */
  readonly #byBytes = new WeakMap<Buffer, Judgement>();

  prepared(bytes: Buffer): Judgement | undefined {
    return this.#byBytes.get(bytes);
  }

  text(text: string): Judgement | undefined {
    // Nearly always there is none, and a text that was never looked up has no hash yet.
    return this.#byText.size === 0 ? undefined : this.#byText.get(text);
  }

  shape(fingerprint: string): Judgement | undefined {
    return this.#byFingerprint.get(fingerprint);
  }

  /** What a text is executed with is judged by its shape once, and found by its bytes from then on. */
  keepPrepared(bytes: Buffer, judgement: Judgement): void {
    this.#byBytes.set(bytes, judgement);
  }

  keep({ command, bytes, text }: JudgedStatement, fingerprint: string | undefined, judgement: Judgement): void {
    if (command !== 'COM_QUERY') this.#byBytes.set(bytes, judgement);
    if (fingerprint !== undefined) this.#byFingerprint.set(fingerprint, judgement);
    else if (text !== undefined && text.length <= TEXT_LENGTH_MAX) this.#byText.set(text, judgement);
  }
}

/** All scenes of one grant: its sessions come back to the same few. */
export class JudgeMemory {
  #byKey = new Map<string, SceneMemory>();
  #byScene = new WeakMap<SessionScene, SceneMemory>();
  #lastScene: SessionScene | undefined;
  #last = new SceneMemory();
  #weight = 0;

  of(scene: SessionScene): SceneMemory {
    if (scene === this.#lastScene) return this.#last;
    const memory = this.#byScene.get(scene) ?? this.#find(scene);
    this.#lastScene = scene;
    this.#last = memory;
    return memory;
  }

  /** Keeps a judgement, unless it is a heavy one. A memory that is full starts again. */
  keep(statement: JudgedStatement, fingerprint: string | undefined, judgement: Judgement): void {
    const weight = weightOf(judgement) + 2 * (fingerprint?.length ?? TEXT_LENGTH_MAX);
    if (weight > JUDGEMENT_WEIGHT_MAX) return;
    this.#grow(weight);
    this.of(statement.scene).keep(statement, fingerprint, judgement);
  }

  clear(): void {
    this.#weight = 0;
    this.#byKey = new Map();
    this.#byScene = new WeakMap();
    this.#lastScene = undefined;
  }

  #find(scene: SessionScene): SceneMemory {
    const { database, dialect, inTransaction, locksReads, characterSet, narrowedTo } = scene;
    const key = JSON.stringify([database, dialect.sqlMode, inTransaction, locksReads, characterSet, narrowedTo]);
    const known = this.#byKey.get(key);
    if (known === undefined) this.#grow(SCENE_WEIGHT + 2 * key.length);
    const memory = known ?? new SceneMemory();
    this.#byKey.set(key, memory);
    this.#byScene.set(scene, memory);
    return memory;
  }

  #grow(weight: number): void {
    if (this.#weight + weight > WEIGHT_MAX) this.clear();
    this.#weight += weight;
  }
}

function weightOf({ facts, missing, outside, policies }: Judgement): number {
  const { tables, columns, functions, unknownFunctions, triggers } = facts;
  const named = [tables, columns, functions, unknownFunctions, triggers, missing, outside, policies];
  return JUDGEMENT_WEIGHT + NAME_WEIGHT * named.reduce((sum, { length }) => sum + length, 0);
}
