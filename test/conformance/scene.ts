import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { z } from 'zod';
import { connectApi } from '../../src/client/api-client.js';
import { grantView } from '../../src/contracts/grants/grant.js';
import { entriesPage, verificationView } from '../../src/contracts/recordings/recording.js';
import { targetView } from '../../src/contracts/grants/target.js';
import type { Broker } from '../support/broker.js';
import { ROOT } from '../support/folders.js';
import { bodyOf, callAs } from '../support/http.js';
import { hostileTargetName } from '../support/names.js';
import { type ClientOutcome, runProgram } from '../support/clients/program.js';
import { lookAt, taskAccountOf, untilOver } from '../support/task.js';
import { leasesRunOut } from '../support/time-passes.js';
import {
  connectionSchema,
  type ConformanceClient,
  type ConformanceTarget,
  type Conformer,
  type GrantConnection,
  type Outcome,
} from './conformer.js';
import { type WatchedWire, watchWire } from './watched-wire.js';

const TTL_SECONDS = 300;
const CLOSE_WAIT_SECONDS = 30;
const LOOK_LIMIT_MS = 45_000;
const COMMAND_LINE = join(ROOT, 'dist', 'apps', 'cli', 'main.js');

/** An open grant with what a client needs for it. */
export interface ConformanceGrant {
  readonly id: string;
  readonly connection: GrantConnection;
  /** One more session of it. */
  connect(): Promise<ConformanceClient>;
  /** Has a client send an operation that the wire looks out for. */
  run(client: ConformanceClient, operation: string, mark: string): Promise<Outcome>;
  /** Closes it, and waits until it has ended. */
  close(): Promise<void>;
  /** Asks for it to be closed, and for no more. */
  endSoon(): Promise<void>;
}

/** An entry of a recording, as anyone may read it. */
export type RawEntry = Readonly<Record<string, unknown>> & { readonly type: string };

/** A broker, a target of the protocol before which a wire is watched, and what the tests do with them. */
export class ConformanceScene {
  readonly #broker: Broker;
  /** As grants name it. */
  readonly targetName: string;

  static async start(broker: Broker, conformer: Conformer): Promise<ConformanceScene> {
    const target = await conformer.start();
    const wire = await watchWire(target, broker.recordingsFolder);
    const name = hostileTargetName();
    const { host, port } = wire.proxy;
    const body = { name, host, port, ...target.registration };
    await patiently(async () =>
      bodyOf(await callAs(broker, 'operator', { method: 'POST', path: '/v1/targets', body }), targetView),
    );
    return new ConformanceScene(broker, name, target, wire);
  }

  private constructor(
    broker: Broker,
    name: string,
    readonly target: ConformanceTarget,
    readonly wire: WatchedWire,
  ) {
    this.#broker = broker;
    this.targetName = name;
  }

  /** The id of a grant that is asked for, whatever becomes of it. */
  async ask(): Promise<string> {
    const answer = await this.#ask(TTL_SECONDS);
    const named = z.union([z.object({ id: z.string() }), z.object({ grantId: z.string() })]).parse(answer.body);
    return 'id' in named ? named.id : named.grantId;
  }

  async open(ttlSeconds = TTL_SECONDS): Promise<ConformanceGrant> {
    const opened = z.looseObject({ id: z.string(), connection: connectionSchema.optional() });
    const { id, connection: shown } = await patiently(async () => bodyOf(await this.#ask(ttlSeconds), opened));
    const connection = shown ?? (await this.#connectionOf(id));
    const end = async (wait: number): Promise<void> => {
      const end = `/v1/grants/${id}/close?wait=${wait}`;
      bodyOf(await callAs(this.#broker, 'agent', { method: 'POST', path: end }), grantView);
    };
    return {
      id,
      connection,
      connect: () => this.target.connect(connection),
      run: (client, operation, mark) => {
        this.wire.expect({ grant: id, mark, bytes: this.target.operations.onTheWire(operation) });
        return client.run(operation);
      },
      close: () => end(CLOSE_WAIT_SECONDS),
      endSoon: () => end(0),
    };
  }

  /** Of a grant that took longer to open than the one who asked was kept waiting. */
  async #connectionOf(id: string): Promise<GrantConnection> {
    await patiently(async () => expect((await lookAt(this.#broker, id)).state).toBe('active'));
    const path = `/v1/grants/${id}/connection`;
    return bodyOf(await callAs(this.#broker, 'agent', { method: 'POST', path }), connectionSchema);
  }

  #ask(ttlSeconds: number) {
    const task = { title: 'A test of conformance' };
    const body = { target: this.targetName, task, access: this.target.access, ttlSeconds };
    return callAs(this.#broker, 'agent', { method: 'POST', path: '/v1/grants', body });
  }

  /** After a kill: the gateway is started again. */
  async startAgain(): Promise<void> {
    await leasesRunOut(this.#broker);
    await this.#broker.restart('gateway');
  }

  /** Resolves when the text was on its way to the target: what sent it stands there until its gateway is killed. */
  standsAt(what: RegExp | string, moment: 'before' | 'after'): Promise<void> {
    const text = typeof what === 'string' ? new RegExp(what.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)) : what;
    return this.wire.proxy.arm({ text, moment, onTrip: () => undefined });
  }

  /** Whether anything of the grant is left at the target. */
  async stands(id: string): Promise<boolean> {
    return this.target.stands(await taskAccountOf(this.#broker, id));
  }

  /** The entries of a grant until now. */
  async entries(id: string): Promise<readonly RawEntry[]> {
    const entries: RawEntry[] = [];
    for (let after: number | null = 0; after !== null;) {
      const path: string = `/v1/recordings/${id}/entries?after=${after}&limit=1000`;
      const page = bodyOf(await callAs(this.#broker, 'reviewer', { method: 'GET', path }), entriesPage);
      entries.push(...page.items.map((item) => z.looseObject({ type: z.string() }).parse(item)));
      after = page.next;
    }
    return entries;
  }

  /** Whether every byte of the sealed recording holds, as the api says: the same check as the command line's. */
  async isWhole(id: string): Promise<boolean> {
    await untilOver(this.#broker, id);
    const path = `/v1/recordings/${id}/verification`;
    const { ok } = bodyOf(await callAs(this.#broker, 'reviewer', { method: 'GET', path }), verificationView);
    return ok;
  }

  /** What the command line says of the sealed recording, with the broker's public keys and nothing else of it. */
  async verify(id: string): Promise<ClientOutcome> {
    const { state } = await untilOver(this.#broker, id);
    if (state !== 'sealed') throw new Error(`Grant ${id} is ${state}`);
    const reviewer = connectApi({ api: this.#broker.api, key: this.#broker.keys.reviewer });
    const folder = this.#broker.env['HOME'] ?? '';
    const [file, keys] = [join(folder, `${id}.tar`), join(folder, 'keys.json')];
    await writeFile(file, await reviewer.download(`/v1/recordings/${id}/file`));
    await writeFile(keys, JSON.stringify(await reviewer.get('/v1/keys', z.looseObject({}))));
    return runProgram(process.execPath, [COMMAND_LINE, 'verify', file, '--keys', keys, '--json']);
  }

  async stop(): Promise<void> {
    await this.wire.proxy.close();
    await this.target.stop();
  }
}

/** The suite's brokers do not wait for long, and a gateway that has just started may take longer. */
function patiently<T>(work: () => Promise<T>): Promise<T> {
  return vi.waitFor(work, { timeout: LOOK_LIMIT_MS, interval: 200 });
}

/** A scene for the tests of a `describe`. */
export function useScene(broker: () => Broker, conformer: Conformer): () => ConformanceScene {
  let scene: ConformanceScene | undefined;
  beforeAll(async () => {
    scene = await ConformanceScene.start(broker(), conformer);
  });
  afterAll(() => scene?.stop());
  return () => {
    if (!scene) throw new Error('The scene is there inside of tests and hooks only');
    return scene;
  };
}

/** No operation of one test is taken for that of another. */
export function newMark(): string {
  return `mark-${randomBytes(6).toString('hex')}`;
}
