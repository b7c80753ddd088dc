import { AdminConnection } from './admin-connection.js';
import type { AdminLogin } from './own-connection.js';

const IDLE_MS = 60_000;

interface Idle {
  readonly connection: AdminConnection;
  readonly timer: NodeJS.Timeout;
}

/** Keeps one admin connection a target warm between grants, so that opening a grant does not wait for a login. */
export class AdminPool {
  readonly #idle = new Map<string, Idle>();
  #closed = false;

  /** Lends a connection for the time of `work`; one that failed is not kept. */
  async use<T>(login: AdminLogin, work: (admin: AdminConnection) => Promise<T>): Promise<T> {
    const key = JSON.stringify(login);
    const connection = (await this.#take(key)) ?? (await AdminConnection.open(login));
    try {
      return await work(connection);
    } finally {
      this.#giveBack(key, connection);
    }
  }

  close(): void {
    this.#closed = true;
    for (const { connection, timer } of this.#idle.values()) {
      clearTimeout(timer);
      connection.close();
    }
    this.#idle.clear();
  }

  /** An idle connection may be dead without having said so yet; it is asked, since what follows cannot be repeated. */
  async #take(key: string): Promise<AdminConnection | undefined> {
    const idle = this.#idle.get(key);
    if (idle === undefined) return undefined;
    clearTimeout(idle.timer);
    this.#idle.delete(key);
    try {
      await idle.connection.run('DO 0');
      return idle.connection;
    } catch {
      idle.connection.close();
      return undefined;
    }
  }

  #giveBack(key: string, connection: AdminConnection): void {
    if (connection.isClosed) return;
    if (this.#closed || this.#idle.has(key)) {
      connection.close();
      return;
    }
    const timer = setTimeout(() => {
      this.#idle.delete(key);
      connection.close();
    }, IDLE_MS);
    timer.unref();
    this.#idle.set(key, { connection, timer });
  }
}
