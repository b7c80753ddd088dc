import { rm } from 'node:fs/promises';
import { ApiFailure } from '../../../client/api-failure.js';
import type { DoorwardenClient } from '../../../client/doorwarden-client.js';
import { connectionView, type ConnectionView } from '../../../contracts/grants/grant.js';
import type { ConnectionKeeper } from '../../../mcp/connection-keeper.js';
import { grantFolder } from './connection-home.js';
import { readInGrantFolder, writeInGrantFolder } from './grant-folder.js';

const FILE = 'connection.json';
const KEPT_MAX = 1_000;

/**
 * Keeps the connections of grants on the agent's machine: in memory, and in a file that this user alone can read, so that a
 * server that is started again goes on. Tools ask the API first whose a grant is; here nobody else's user can look.
 */
export class KeptConnectionFiles implements ConnectionKeeper {
  readonly #broker: DoorwardenClient;
  readonly #home: string;
  readonly #report: (error: unknown) => void;
  readonly #kept = new Map<string, ConnectionView>();
  /** One call at a time asks for a grant's connection: a second one would be refused. */
  readonly #taking = new Map<string, Promise<ConnectionView>>();

  constructor(broker: DoorwardenClient, home: string, report: (error: unknown) => void) {
    this.#broker = broker;
    this.#home = home;
    this.#report = report;
  }

  async take(grantId: string): Promise<ConnectionView> {
    const kept = this.#kept.get(grantId) ?? this.#taking.get(grantId);
    if (kept !== undefined) return kept;
    const taking = this.#find(grantId).finally(() => this.#taking.delete(grantId));
    this.#taking.set(grantId, taking);
    return taking;
  }

  connectionOf(grantId: string): Promise<ConnectionView> {
    return this.take(grantId);
  }

  async forget(grantId: string): Promise<void> {
    this.#kept.delete(grantId);
    await rm(grantFolder(this.#home, grantId), { recursive: true, force: true });
  }

  /** Not ended by the signal of the call that asks: another one may wait for the same, and the showing is one. */
  async #find(grantId: string): Promise<ConnectionView> {
    const connection = this.#read(grantId) ?? (await this.#ask(grantId));
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear(); // the files have them
    this.#kept.set(grantId, connection);
    return connection;
  }

  async #ask(grantId: string): Promise<ConnectionView> {
    try {
      const connection = await this.#broker.takeConnection(grantId);
      await this.#write(grantId, connection);
      return connection;
    } catch (error) {
      // Another server of the same agent may have been faster.
      const isLate = error instanceof ApiFailure && error.code === 'connection_already_fetched';
      const kept = isLate ? this.#read(grantId) : undefined;
      if (kept === undefined) throw error;
      return kept;
    }
  }

  /** A disk that does not take it is no reason to lose what is shown only once. */
  async #write(grantId: string, connection: ConnectionView): Promise<void> {
    try {
      await writeInGrantFolder(this.#home, grantId, new Map([[FILE, JSON.stringify(connection)]]));
    } catch (error) {
      this.#report(error);
    }
  }

  #read(grantId: string): ConnectionView | undefined {
    const text = readInGrantFolder(this.#home, grantId, FILE);
    if (text === undefined) return undefined;
    try {
      return connectionView.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined; // it is none of ours
    }
  }
}
