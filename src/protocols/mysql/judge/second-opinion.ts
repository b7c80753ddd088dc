import type { SqlDialect } from '../sql/text/dialect.js';
import { startThread } from '../../../kernel/thread.js';
import type { Opinion } from '../sql/opinion/opinion.js';
import type { OpinionAnswer } from './second-opinion-worker.js';

export interface SecondOpinionLimits {
  /** Of the processor for the parser's work on one text; a thread that needs more is ended. */
  readonly parseMs: number;
  /** For a thread to start. */
  readonly startMs: number;
  /** Texts that wait for the parser; anyone who comes then gets none. */
  readonly waitingMax: number;
  /** Of one text, in UTF-16 units. */
  readonly textLengthMax: number;
  /** Texts that one thread parses before a fresh one takes over: WebAssembly gives no memory back. */
  readonly textsPerThread: number;
  /** Texts that a thread parses before it gets a spare: to start one costs more than to parse this many. */
  readonly textsBeforeSpare: number;
}

const LIMITS: SecondOpinionLimits = {
  parseMs: 1_000,
  startMs: 10_000,
  waitingMax: 256,
  textLengthMax: 128 * 1024,
  textsPerThread: 20_000,
  textsBeforeSpare: 100,
};

interface Question {
  readonly text: string;
  readonly answer: (opinion: Opinion) => void;
}

/**
 * Asks `@guanmingchiu/sqlparser-ts` what it sees in a text, in a thread beside this one. A text can trap the parser for
 * good or keep it busy: then the thread is ended and the spare goes on, or a fresh one where there is no spare yet. Neither
 * is there before it may be needed: a gateway that starts has enough to do. Close it in the end.
 */
export class SecondOpinion {
  readonly #limits: SecondOpinionLimits;
  #current: OpinionThread | undefined;
  #spare: OpinionThread | undefined;
  #waiting: Question[] = [];
  #isBusy = false;
  #isClosed = false;

  constructor(limits: Partial<SecondOpinionLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Somebody will ask soon. */
  prepare(): void {
    if (!this.#isClosed) this.#current ??= new OpinionThread();
  }

  /** The parser's view of the text, or why there is none. Never rejects: no opinion is an answer too. */
  async ask(text: string, dialect: SqlDialect): Promise<Opinion> {
    const { ansiQuotes, noBackslashEscapes, oracle } = dialect.sqlMode;
    if (ansiQuotes || noBackslashEscapes || oracle) return none('the second does not know this sql_mode');
    if (text.length > this.#limits.textLengthMax) return none('too long for the second');
    if (this.#isClosed) return noneNow('the second is closed');
    if (this.#waiting.length >= this.#limits.waitingMax) return noneNow('too many wait for the second');
    const { promise, resolve } = Promise.withResolvers<Opinion>();
    this.#waiting.push({ text, answer: resolve });
    void this.#work();
    return promise;
  }

  /** Ends the threads; anyone who waits gets no opinion. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { answer } of this.#waiting.splice(0)) answer(noneNow('the second is closed'));
    await Promise.all([this.#current?.close(), this.#spare?.close()]);
  }

  /** One question after the other, until none waits. */
  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let question = this.#waiting.shift(); question !== undefined; question = this.#waiting.shift()) {
      question.answer(await this.#opinionOf(question.text));
    }
    this.#isBusy = false;
  }

  async #opinionOf(text: string): Promise<Opinion> {
    const thread = (this.#current ??= new OpinionThread());
    if (!(await thread.isReady(this.#limits.startMs))) {
      this.#replace(thread);
      return noneNow('the second did not start');
    }
    const answer = await thread.ask(text, this.#limits.parseMs);
    if (!this.#isClosed && thread.texts >= this.#limits.textsBeforeSpare) this.#spare ??= new OpinionThread();
    if (answer === undefined || answer.kind === 'trapped' || thread.texts >= this.#limits.textsPerThread) {
      this.#replace(thread);
    }
    if (answer === undefined) return noneNow(this.#isClosed ? 'the second is closed' : 'too slow for the second');
    if (answer.kind === 'view') return { kind: 'view', view: answer.view };
    return none(answer.kind === 'unparsed' ? 'the second cannot parse it' : 'the second fails on it');
  }

  #replace(thread: OpinionThread): void {
    void thread.close();
    if (this.#isClosed) return;
    this.#current = this.#spare ?? new OpinionThread();
    this.#spare = new OpinionThread();
  }
}

function none(why: string): Opinion {
  return { kind: 'none', why };
}

/** The same text may get one the next time. */
function noneNow(why: string): Opinion {
  return { kind: 'none', why, isPassing: true };
}

const THREAD = new URL('./second-opinion-worker.js', import.meta.url);

/** Enough for the tree of the longest text; a tree that wants more ends the thread. */
const HEAP_MEBIBYTES_MAX = 256;

/** A text for a thread that gets nothing of the processor waits this many times its limit. */
const CLOCK_PER_PROCESSOR_MAX = 10;
const LOOK_MS_MIN = 10;

const LATE = Symbol('late');

/** What comes within the time. The turn of the event loop that is due then still counts: it may have taken long. */
async function within<T>(answer: Promise<T>, ms: number): Promise<T | typeof LATE> {
  const { promise: late, resolve } = Promise.withResolvers<typeof LATE>();
  const timer = setTimeout(() => setImmediate(resolve, LATE), ms);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One thread with a parser; it answers one text at a time. */
class OpinionThread {
  readonly #worker = startThread(THREAD, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES_MAX } });
  #asked: ((answer: OpinionAnswer | undefined) => void) | undefined;
  #isReady = false;
  #hasEnded = false;
  #texts = 0;
  /** What it had had of the processor when it answered last. */
  #processorMs = 0;

  constructor() {
    // It keeps no process alive: anyone who forgets to close it must not hang.
    this.#worker.unref();
    this.#worker.on('message', (answer: OpinionAnswer) => {
      this.#isReady = true;
      this.#processorMs = answer.processorMs;
      this.#settle(answer);
    });
    const end = (): void => {
      this.#hasEnded = true;
      this.#settle(undefined);
    };
    this.#worker.on('error', end);
    this.#worker.on('exit', end);
  }

  /** How many texts it was asked about. */
  get texts(): number {
    return this.#texts;
  }

  /** Resolves once it can be asked; false when it has ended or is not ready in time. */
  async isReady(limitMs: number): Promise<boolean> {
    if (this.#isReady || this.#hasEnded) return !this.#hasEnded;
    const answer = await within(this.#next(), limitMs);
    return answer !== LATE && answer !== undefined;
  }

  /**
   * Its answer; undefined when it has ended or does not answer in time. Time is what the thread has had of the processor:
   * on a busy machine a second of the clock may be a tenth of one for the parser, and no fault of the text.
   */
  async ask(text: string, limitMs: number): Promise<OpinionAnswer | undefined> {
    if (this.#hasEnded) return undefined;
    this.#texts += 1;
    const answer = this.#next();
    this.#worker.postMessage(text, []);
    const lastMs = performance.now() + limitMs * CLOCK_PER_PROCESSOR_MAX;
    for (let leftMs = limitMs; leftMs > 0;) {
      const came = await within(answer, Math.max(leftMs, LOOK_MS_MIN));
      if (came !== LATE) return came;
      leftMs = Math.min(limitMs - (await this.#busyMs()), lastMs - performance.now());
    }
    const came = await within(answer, 0); // perhaps while it was asked how busy it was
    return came === LATE ? undefined : came;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #next(): Promise<OpinionAnswer | undefined> {
    const { promise, resolve } = Promise.withResolvers<OpinionAnswer | undefined>();
    this.#asked = resolve;
    return promise;
  }

  /** What it has had of the processor since its last answer. */
  async #busyMs(): Promise<number> {
    try {
      const { user, system } = await this.#worker.cpuUsage();
      return (user + system) / 1000 - this.#processorMs;
    } catch {
      return Infinity; // it has ended
    }
  }

  #settle(answer: OpinionAnswer | undefined): void {
    this.#asked?.(answer);
    this.#asked = undefined;
  }
}
