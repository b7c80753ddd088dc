-- What Slack shows of approvals, what it has to be told yet, and when it may be called again.
CREATE TABLE slack_messages (
  approval_id char(26) NOT NULL,
  channel varchar(30) NOT NULL,
  ts varchar(30) NULL,
  revision_shown int NULL,
  revision_wanted int NOT NULL,
  shown_hash char(64) NULL,
  reminder varchar(10) NOT NULL,
  posting_at bigint NULL,
  due_at bigint NULL,
  claimed_until bigint NULL,
  tries int NOT NULL,
  give_up_at bigint NOT NULL,
  PRIMARY KEY (approval_id, channel),
  INDEX slack_messages_due (due_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE slack_paces (
  name varchar(40) NOT NULL,
  free_at bigint NOT NULL,
  failures int NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
