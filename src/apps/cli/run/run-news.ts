import type { GrantProgress, ApprovalProgress } from '../../../client/grant-progress.js';
import type { GrantDetailView, GrantView } from '../../../contracts/grants/grant.js';
import { CLOSE_ERROR } from '../../../domain/grant.js';
import { shownLine } from '../../../domain/visible-text.js';
import { ERROR_TABLE } from '../../../kernel/errors/error-table.js';
import { jsonText } from '../terminal/json-text.js';

type WaitingStatement = GrantDetailView['waiting'][number];

const MS_PER_MINUTE = 60_000;
/** How often somebody is told that nothing has changed. */
const STILL_MS = MS_PER_MINUTE;

/**
 * What `run`, `connect` and `exec` say while they work: on standard error, since standard output is of the program or of
 * the rows. In lines for people, or in one JSON document a line.
 */
export class RunNews {
  readonly #command: string;
  readonly #isJson: boolean;
  #hasWaited = false;
  #lastTold = '';
  #lastToldMs = 0;

  constructor(command: string, isJson: boolean) {
    this.#command = command;
    this.#isJson = isJson;
  }

  /** What only people need to know. */
  readonly line = (text: string): void => {
    if (!this.#isJson) this.#write(`doorwarden ${this.#command}: ${shownLine(text)}`);
  };

  /** A grant that is open at once is not worth a word. */
  readonly progress = (progress: GrantProgress): void => {
    switch (progress.kind) {
      case 'waits-for-gateway':
        this.#waits({ event: 'waits-for-gateway', grant: progress.grant.id }, 'Waits for a gateway to open the grant.');
        break;
      case 'waits-for-people':
        this.#waitsForPeople(progress);
        break;
      case 'active': {
        const { id, deadline } = progress.grant;
        if (this.#hasWaited) this.line(`The grant is active until ${timeOf(deadline)}.`);
        this.#event({ event: 'active', grant: id, deadline });
      }
    }
  };

  /** A statement of the program waits for people, and so does the program. */
  statementWaits({ id, statementKind, askedAt, expiresAt }: WaitingStatement, link: string): void {
    this.line(`A statement (${statementKind ?? 'unknown'}) waits for people until ${timeOf(expiresAt)}: ${link}`);
    this.#event({ event: 'statement-waits', approval: id, statementKind, askedAt, expiresAt, link });
  }

  /** Where the evidence is; where the grant did not end because this command closed it, why it did. */
  closed({ id, closeReason, closedBy, deadline }: GrantView): void {
    if (closeReason === null || closeReason === 'completed') this.line(`The grant is closed. Its recording: ${id}`);
    else {
      const { title, next } = ERROR_TABLE[CLOSE_ERROR[closeReason]];
      const details = {
        expired: ` It was ${timeOf(deadline)}.`,
        revoked: closedBy === null ? '' : ` It was ${closedBy}.`,
      };
      const detail = closeReason in details ? details[closeReason as keyof typeof details] : '';
      this.line(`${title}${detail} ${next} Its recording: ${id}`);
    }
    this.#event({ event: 'closed', grant: id, recording: id, closeReason, closedBy });
  }

  /** The work could not be done, or not be ended as it should. */
  failed(message: string, code: string | null): void {
    this.line(message);
    this.#event({ event: 'failed', code, message });
  }

  /** The last word for programs. */
  ended(exitCode: number): void {
    this.#event({ event: 'ended', exitCode });
  }

  #waitsForPeople({ grant, approval, groups, quorum, approvedBy, askedAt, expiresAt, link }: ApprovalProgress): void {
    const people = groups === null || groups.length === 0 ? 'an approver' : groups.join(' and ');
    const many = quorum !== null && quorum > 1 ? `, ${quorum} people in all` : '';
    const had = approvedBy === null || approvedBy.length === 0 ? '' : `; approved by ${approvedBy.join(', ')}`;
    this.#waits(
      { event: 'waits-for-people', grant: grant.id, approval, groups, quorum, approvedBy, askedAt, expiresAt, link },
      `Waits for ${people}${many}, asked at ${timeOf(askedAt)}, until ${timeOf(expiresAt)}${had}: ${link}`,
    );
  }

  /** Every change is told, and once a minute that there is none. */
  #waits(event: object, text: string): void {
    this.#hasWaited = true;
    const nowMs = performance.now();
    if (text === this.#lastTold && nowMs - this.#lastToldMs < STILL_MS) return;
    this.line(`${text === this.#lastTold ? 'Still: ' : ''}${text}`);
    this.#event(event);
    this.#lastTold = text;
    this.#lastToldMs = nowMs;
  }

  #event(event: object): void {
    if (this.#isJson) this.#write(jsonText(event, 0));
  }

  #write(line: string): void {
    process.stderr.write(`${line}\n`);
  }
}

/** A time of the API as people read it, in UTC as everywhere else. */
function timeOf(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}
