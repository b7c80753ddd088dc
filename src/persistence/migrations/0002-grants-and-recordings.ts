import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Gateways and their leases, grants, and the recordings that were sealed. */
export class GrantsAndRecordings1763683200002 implements MigrationInterface {
  readonly name = 'GrantsAndRecordings1763683200002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gateways (
        id char(26) NOT NULL,
        name varchar(300) NOT NULL,
        lease_until bigint NOT NULL,
        started_at bigint NOT NULL,
        PRIMARY KEY (id),
        INDEX gateways_name (name),
        INDEX gateways_lease_until (lease_until)
      ) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    await runner.query(`
      CREATE TABLE grants (
        id char(26) NOT NULL,
        principal_id char(26) NOT NULL,
        principal_name varchar(128) NOT NULL,
        principal_kind varchar(20) NOT NULL,
        task_title varchar(200) NOT NULL,
        task_reference varchar(500) NULL,
        target_id char(26) NOT NULL,
        target_name varchar(64) NOT NULL,
        access mediumtext NOT NULL,
        start_database varchar(64) NULL,
        ttl_seconds int NOT NULL,
        deadline_at bigint NOT NULL,
        state varchar(20) NOT NULL,
        close_reason varchar(20) NULL,
        closed_by varchar(128) NULL,
        refuse_code varchar(60) NULL,
        refuse_detail text NULL,
        task_account varchar(32) NOT NULL,
        gateway_id char(26) NULL,
        endpoint_host varchar(255) NULL,
        endpoint_port int NULL,
        endpoint_ca text NULL,
        native_hash varbinary(20) NULL,
        caching_sha2_hash varbinary(32) NULL,
        connection_shown_at bigint NULL,
        reaper_id char(26) NULL,
        reaper_until bigint NULL,
        requested_at bigint NOT NULL,
        active_at bigint NULL,
        closing_at bigint NULL,
        ended_at bigint NULL,
        sealed_at bigint NULL,
        PRIMARY KEY (id),
        UNIQUE INDEX grants_task_account (task_account),
        INDEX grants_principal_id (principal_id, id),
        INDEX grants_principal_name (principal_name, id),
        INDEX grants_target_name (target_name, id),
        INDEX grants_target_id (target_id, state),
        INDEX grants_state (state, id),
        INDEX grants_gateway (gateway_id, state)
      ) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    await runner.query(`
      CREATE TABLE recordings (
        grant_id char(26) NOT NULL,
        principal_name varchar(128) NOT NULL,
        target_name varchar(64) NOT NULL,
        entries int NOT NULL,
        statements int NOT NULL,
        bytes bigint NOT NULL,
        sha256 varchar(64) NOT NULL,
        key_id varchar(100) NOT NULL,
        interrupted tinyint NOT NULL,
        opened_at bigint NOT NULL,
        sealed_at bigint NOT NULL,
        PRIMARY KEY (grant_id),
        INDEX recordings_principal_name (principal_name, grant_id),
        INDEX recordings_target_name (target_name, grant_id)
      ) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  }

  /** Forward only, like every migration. */
  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
