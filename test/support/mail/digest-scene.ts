import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ChannelMetrics } from '../../../src/channels/channel.js';
import { DigestSender } from '../../../src/channels/email/digest-sender.js';
import { MailSender } from '../../../src/channels/email/mail-sender.js';
import { SmtpClient } from '../../../src/channels/email/smtp-client.js';
import type { HoldTerms } from '../../../src/domain/approval.js';
import type { ApprovalId, PrincipalId } from '../../../src/kernel/brand.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { DatabaseApprovalDesk } from '../../../src/persistence/approvals/approval-desk.js';
import { ApprovalRepository } from '../../../src/persistence/approvals/approval.repository.js';
import { EmailDigestRepository } from '../../../src/persistence/email/email-digest.repository.js';
import { EmailRecipientRepository } from '../../../src/persistence/email/email-recipient.repository.js';
import { createStateSource, type StateSource } from '../../../src/persistence/state/data-source.js';
import { insertActiveGrant, questionOf, TERMS } from '../approval-state.js';
import { makeDatabase, type OwnDatabase } from '../databases.js';
import { servers } from '../engines.js';
import { insertProvider } from './known-people.js';
import { MailServer, type ReceivedMail } from './mail-server.js';

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
export const EVERY_MS = 15 * MINUTE_MS;
export const ORIGIN = 'https://doorwarden.example.com';

const silent = { info: () => undefined, warn: () => undefined };
const never = new AbortController().signal;

/** All that a test leaves behind. */
const TABLES = [
  'approval_decisions',
  'approvals',
  'email_told',
  'email_digests',
  'notice_choices',
  'principals',
  'identity_providers',
];

/** A worker that sends digests, and what it has counted. */
export interface DigestWorker {
  readonly look: (signal?: AbortSignal) => Promise<string>;
  readonly counts: Readonly<Record<string, number>>;
  readonly whys: readonly string[];
  readonly waits: () => number;
}

/** A state database and a mail server, for the tests of a file. */
export class DigestScene {
  source!: StateSource;
  server!: MailServer;

  get approvals(): ApprovalRepository {
    return new ApprovalRepository(this.source);
  }

  get digests(): EmailDigestRepository {
    return new EmailDigestRepository(this.source);
  }

  /** One of several: each has what the database and the server have. */
  worker({ gatherMs = 0, sendMsMax = 20_000 } = {}): DigestWorker {
    const address = { host: '127.0.0.1', port: this.server.port, tls: 'if-offered', login: null } as const;
    const from = { address: 'doorwarden@example.com', name: 'Doorwarden' };
    const counts: Record<string, number> = {};
    const whys: string[] = [];
    let waits = 0;
    const metrics: ChannelMetrics = {
      sent: (_channel, outcome, why) => {
        counts[outcome] = (counts[outcome] ?? 0) + 1;
        if (why !== undefined) whys.push(why);
      },
      waiting: (_channel, count) => void (waits = count),
    };
    const sender = new DigestSender({
      settings: { gatherMs, everyMs: EVERY_MS, signedInMs: 30 * DAY_MS },
      mailer: new MailSender({ from, publicUrl: ORIGIN }, new SmtpClient(address, { sendMsMax }), systemClock),
      approvals: this.approvals,
      recipients: new EmailRecipientRepository(this.source),
      digests: this.digests,
      log: silent,
      metrics,
    });
    return { counts, whys, waits: () => waits, look: (signal = never) => sender.look(signal) };
  }

  async ask(terms: Partial<HoldTerms> = {}, ofGrant: object = {}): Promise<ApprovalId> {
    const desk = new DatabaseApprovalDesk({
      dataSource: this.source,
      clock: systemClock,
      limits: { pendingMax: 100, totalMax: 1_000 },
      announce: () => undefined,
      requestJobs: () => undefined,
    });
    const grant = await insertActiveGrant(this.source, ofGrant);
    return (await desk.ask(questionOf(grant, { terms: { ...TERMS, ...terms } }))).id;
  }

  /** Lets so much time pass for a person's digests, as far as the database is concerned. */
  async passes(person: PrincipalId, ms: number): Promise<void> {
    await this.source.query(
      'UPDATE email_digests SET sent_at = sent_at - ?, try_at = try_at - ?, opened_at = opened_at - ? WHERE person_id = ?',
      [ms, ms, ms, person],
    );
  }
}

/** The scene, inside of tests; every test begins with an identity provider and nobody. */
export function useDigests(): DigestScene {
  const scene = new DigestScene();
  let database: OwnDatabase | undefined;
  beforeAll(async () => {
    database = await makeDatabase(servers().mariadb);
    scene.source = await createStateSource(database.url).initialize();
    await scene.source.runMigrations();
  });
  afterAll(async () => {
    await scene.source.destroy();
    await database?.drop();
  });
  beforeEach(async () => {
    for (const table of TABLES) await scene.source.query(`DELETE FROM ${table}`);
    await insertProvider(scene.source);
    scene.server = await MailServer.start();
  });
  afterEach(() => scene.server.close());
  return scene;
}

/** The questions that a mail links to. */
export function idsIn({ text }: ReceivedMail): readonly string[] {
  return [...text.matchAll(/\/approvals\/([0-9a-z]{26})/g)].map(([, id]) => id ?? '');
}

export function messageIdOf({ headers }: ReceivedMail): string | undefined {
  return headers.get('message-id')?.[0];
}
