-- Approvals that people gave and took back. What is here is in approval_decisions no more.
CREATE TABLE approval_withdrawals (
  approval_id char(26) NOT NULL,
  number int NOT NULL,
  principal_id char(26) NOT NULL,
  principal_name varchar(128) NOT NULL,
  person_id char(26) NULL,
  scope text NULL,
  decided_with varchar(60) NULL,
  decided_at bigint NOT NULL,
  reason varchar(1000) NOT NULL,
  withdrawn_with varchar(60) NOT NULL,
  withdrawn_at bigint NOT NULL,
  PRIMARY KEY (approval_id, number)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
