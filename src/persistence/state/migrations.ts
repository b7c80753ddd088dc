import { readFileSync } from 'node:fs';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The files of migrations/ by name, in the order in which they run. One that was released is never edited. */
const FILES = [
  { file: '0001-identity-and-targets.sql', name: 'IdentityAndTargets1763683200001' },
  { file: '0002-grants-and-recordings.sql', name: 'GrantsAndRecordings1763683200002' },
  { file: '0003-policies.sql', name: 'Policies1763683200003' },
  { file: '0004-approvals.sql', name: 'Approvals1763683200004' },
  { file: '0005-target-inspections.sql', name: 'TargetInspections1763683200005' },
  { file: '0006-on-hold.sql', name: 'OnHold1763683200006' },
  { file: '0007-made-keys.sql', name: 'MadeKeys1763683200007' },
  { file: '0008-workers.sql', name: 'Workers1763683200008' },
  { file: '0009-idempotent-calls.sql', name: 'IdempotentCalls1763683200009' },
  { file: '0010-drain.sql', name: 'Drain1763683200010' },
  { file: '0011-client-waits.sql', name: 'ClientWaits1763683200011' },
  { file: '0012-protocols.sql', name: 'Protocols1763683200012' },
  { file: '0013-identities.sql', name: 'Identities1763683200013' },
  { file: '0014-administrative-record.sql', name: 'AdministrativeRecord1763683200014' },
  { file: '0015-sign-in-links.sql', name: 'SignInLinks1763683200015' },
  { file: '0016-statement-index.sql', name: 'StatementIndex1763683200016' },
  { file: '0017-withdrawals.sql', name: 'Withdrawals1763683200017' },
  { file: '0018-reasons-and-looks.sql', name: 'ReasonsAndLooks1763683200018' },
  { file: '0019-recording-reviews.sql', name: 'RecordingReviews1763683200019' },
  { file: '0020-slack-messages.sql', name: 'SlackMessages1763683200020' },
  { file: '0021-slack-links.sql', name: 'SlackLinks1763683200021' },
  { file: '0022-webhooks.sql', name: 'Webhooks1763683200022' },
  { file: '0023-channels-and-email.sql', name: 'ChannelsAndEmail1763683200023' },
  { file: '0024-kept-connections.sql', name: 'KeptConnections1763683200024' },
] as const;

const FOLDER = new URL('../../../migrations/', import.meta.url);

export const MIGRATIONS = FILES.map(migrationOf);

/** TypeORM takes classes; it knows a migration by `name`, whose last 13 digits are its time. */
function migrationOf({ file, name }: (typeof FILES)[number]): new () => MigrationInterface {
  return class implements MigrationInterface {
    readonly name = name;

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of statementsIn(readFileSync(new URL(file, FOLDER), 'utf8'))) await runner.query(statement);
    }

    /** Going back would drop what must be kept. */
    async down(): Promise<never> {
      throw new Error('Migrations go forward only; restore a backup to go back.');
    }
  };
}

/** A statement ends with a semicolon at the end of a line, and nothing else does. */
function statementsIn(sql: string): readonly string[] {
  return sql
    .replaceAll(/^--.*$/gm, '')
    .split(/;$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
