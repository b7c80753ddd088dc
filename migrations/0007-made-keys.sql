-- Who made a key, with which key a decision was made, and keys that wait for a second operator.

ALTER TABLE api_keys
  ADD COLUMN made_by char(26) NULL,
  ADD COLUMN made_by_name varchar(128) NULL;

ALTER TABLE approval_decisions ADD COLUMN decided_with varchar(60) NULL;

CREATE TABLE key_requests (
  id char(26) NOT NULL,
  principal_id char(26) NOT NULL,
  requested_by char(26) NOT NULL,
  requested_with varchar(8) NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (id),
  INDEX key_requests_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
