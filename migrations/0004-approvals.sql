-- Approvals and their decisions; groups of principals; grants that wait for people.

ALTER TABLE principals ADD COLUMN group_names text NULL;
UPDATE principals SET group_names = '[]' WHERE group_names IS NULL;
ALTER TABLE principals MODIFY COLUMN group_names text NOT NULL;

ALTER TABLE grants
  ADD COLUMN approval_id char(26) NULL,
  ADD COLUMN approved_at bigint NULL;

CREATE TABLE approvals (
  id char(26) NOT NULL,
  kind varchar(20) NOT NULL,
  grant_id char(26) NOT NULL,
  principal_id char(26) NOT NULL,
  principal_name varchar(128) NOT NULL,
  principal_kind varchar(20) NOT NULL,
  target_name varchar(64) NOT NULL,
  task_title varchar(200) NOT NULL,
  task_reference varchar(500) NULL,
  state varchar(20) NOT NULL,
  revision int NOT NULL,
  statement_key varchar(64) NULL,
  shape_key varchar(64) NULL,
  open_key varchar(100) NULL,
  summary mediumtext NOT NULL,
  question mediumtext NOT NULL,
  preview mediumtext NULL,
  scope text NULL,
  uses int NOT NULL,
  uses_max int NULL,
  asked_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  remind_at bigint NULL,
  notice_at bigint NULL,
  notified_at bigint NULL,
  reminded_at bigint NULL,
  settled_at bigint NULL,
  changed_at bigint NOT NULL,
  PRIMARY KEY (id),
  UNIQUE INDEX approvals_open_key (open_key),
  INDEX approvals_grant (grant_id, id),
  INDEX approvals_state (state, id),
  INDEX approvals_principal (principal_id, id),
  INDEX approvals_target (target_name, id),
  INDEX approvals_notice (notice_at),
  INDEX approvals_changed (changed_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE approval_decisions (
  approval_id char(26) NOT NULL,
  principal_id char(26) NOT NULL,
  principal_name varchar(128) NOT NULL,
  group_names text NOT NULL,
  decision varchar(20) NOT NULL,
  reason varchar(1000) NULL,
  scope text NULL,
  decided_at bigint NOT NULL,
  PRIMARY KEY (approval_id, principal_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
