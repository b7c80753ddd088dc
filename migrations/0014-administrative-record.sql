-- The administrative record: every entry as the exact line that the chain covers, and what lists are filtered by.
CREATE TABLE record_entries (
  seq bigint NOT NULL,
  at bigint NOT NULL,
  act varchar(64) NOT NULL,
  principal_name varchar(200) NULL,
  subject_kind varchar(32) NOT NULL,
  subject_name varchar(300) NOT NULL,
  line mediumtext NOT NULL,
  hash char(64) NOT NULL,
  PRIMARY KEY (seq),
  INDEX record_entries_at (at, seq),
  INDEX record_entries_act (act, seq),
  INDEX record_entries_principal (principal_name, seq),
  INDEX record_entries_subject (subject_name, seq)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The last entry. Who writes one locks this row, so that of several processes each continues the chain of the others.
CREATE TABLE record_head (
  id int NOT NULL,
  seq bigint NOT NULL,
  hash char(64) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO record_head (id, seq, hash)
  VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- What a worker has signed: where the chain stood at a time.
CREATE TABLE record_checkpoints (
  seq bigint NOT NULL,
  at bigint NOT NULL,
  jws text NOT NULL,
  PRIMARY KEY (seq)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What happens again and again is one entry for some minutes: until when, and how often it has happened since.
CREATE TABLE record_repeats (
  key_hash char(64) NOT NULL,
  until_at bigint NOT NULL,
  more int NOT NULL,
  facts mediumtext NULL,
  PRIMARY KEY (key_hash),
  INDEX record_repeats_until (until_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
