import type { JudgedStatement, Judgement, SessionScene } from './ports.js';

/** Texts of no shape that is cached are remembered whole, when they are short. */
const TEXT_LENGTH_MAX = 512;
const JUDGEMENTS_MAX = 2_000;

/** What was judged in one scene: by fingerprint, by whole text, and by the bytes that were prepared. */
export class SceneMemory {
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

  keep({ command, bytes, text }: JudgedStatement, fingerprint: string | undefined, judgement: Judgement): void {
    if (command !== 'COM_QUERY') this.#byBytes.set(bytes, judgement);
    if (fingerprint !== undefined) keepIn(this.#byFingerprint, fingerprint, judgement);
    else if (text !== undefined && text.length <= TEXT_LENGTH_MAX) keepIn(this.#byText, text, judgement);
  }
}

/** All scenes of one grant: its sessions come back to the same few. */
export class JudgeMemory {
  #byKey = new Map<string, SceneMemory>();
  #byScene = new WeakMap<SessionScene, SceneMemory>();
  #lastScene: SessionScene | undefined;
  #last = new SceneMemory();

  of(scene: SessionScene): SceneMemory {
    if (scene === this.#lastScene) return this.#last;
    const memory = this.#byScene.get(scene) ?? this.#find(scene);
    this.#lastScene = scene;
    this.#last = memory;
    return memory;
  }

  clear(): void {
    this.#byKey = new Map();
    this.#byScene = new WeakMap();
    this.#lastScene = undefined;
  }

  #find(scene: SessionScene): SceneMemory {
    const key = JSON.stringify([scene.database, scene.dialect.sqlMode, scene.inTransaction, scene.isAsciiOnly]);
    const memory = this.#byKey.get(key) ?? new SceneMemory();
    if (this.#byKey.size >= JUDGEMENTS_MAX) this.#byKey.clear();
    this.#byKey.set(key, memory);
    this.#byScene.set(scene, memory);
    return memory;
  }
}

/** A full memory starts anew: a client that never repeats itself gains nothing from it anyway. */
function keepIn(map: Map<string, Judgement>, key: string, judgement: Judgement): void {
  if (map.size >= JUDGEMENTS_MAX) map.clear();
  map.set(key, judgement);
}
