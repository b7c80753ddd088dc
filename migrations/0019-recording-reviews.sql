-- Who has read a recording through, and what its last verification said. Neither is evidence: the file is.
CREATE TABLE recording_reviews (
  grant_id char(26) NOT NULL,
  principal_id char(26) NOT NULL,
  principal_name varchar(128) NOT NULL,
  reviewed_at bigint NOT NULL,
  PRIMARY KEY (grant_id, principal_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE recordings
  ADD COLUMN verified_at bigint NULL,
  ADD COLUMN verified_by varchar(128) NULL,
  ADD COLUMN verified_ok tinyint NULL;
