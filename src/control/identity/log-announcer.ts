import { Injectable, Logger } from '@nestjs/common';
import type { KeyAnnouncer } from './key-maker.js';

/** Tells of new keys in the log; their owners see them on the approval screen too. */
@Injectable()
export class LogAnnouncer implements KeyAnnouncer {
  readonly #log = new Logger('Keys');

  announce(notice: Parameters<KeyAnnouncer['announce']>[0]): void {
    this.#log.warn({ ...notice }, 'a key was made for a principal that decides, reads recordings or makes keys');
  }
}
