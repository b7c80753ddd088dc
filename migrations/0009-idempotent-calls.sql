-- Calls that came with an Idempotency-Key, for a day. Keys and requests are there by their hashes only.
CREATE TABLE idempotent_calls (
  principal_id char(26) NOT NULL,
  operation varchar(40) NOT NULL,
  key_hash char(64) NOT NULL,
  request_hash char(64) NOT NULL,
  result_id char(26) NULL,
  begun_at bigint NOT NULL,
  PRIMARY KEY (principal_id, operation, key_hash),
  INDEX idempotent_calls_begun_at (begun_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
