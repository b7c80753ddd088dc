-- The index of recorded statements: made of recordings, and made again of them by `doorwarden index rebuild`. Nothing is
-- proved by it. Times (`at`) are microseconds since the epoch, as entries have them.

-- Words that many statements share, each once: principals, targets, databases, kinds, tables, errors, who decided.
CREATE TABLE statement_terms (
  term_no int NOT NULL AUTO_INCREMENT,
  kind varchar(16) NOT NULL,
  hash char(64) NOT NULL,
  value mediumtext NOT NULL,
  PRIMARY KEY (term_no),
  UNIQUE INDEX statement_terms_hash (kind, hash)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Texts without their values, each once.
CREATE TABLE statement_wordings (
  wording_no int NOT NULL AUTO_INCREMENT,
  hash char(64) NOT NULL,
  text mediumtext NOT NULL,
  PRIMARY KEY (wording_no),
  UNIQUE INDEX statement_wordings_hash (hash)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The grants whose recordings are in the index, and how far each has been read.
CREATE TABLE statement_grants (
  grant_no int NOT NULL AUTO_INCREMENT,
  grant_id char(26) NOT NULL,
  principal_no int NOT NULL,
  sponsor_no int NULL,
  target_no int NOT NULL,
  protocol varchar(32) NOT NULL,
  title varchar(200) NOT NULL,
  reference varchar(500) NULL,
  opened_at bigint NOT NULL,
  is_live tinyint NOT NULL,
  done_seq int NOT NULL,
  done_prev char(64) NOT NULL,
  unfinished mediumtext NULL,
  counts text NULL,
  reader_id char(26) NULL,
  reader_until bigint NULL,
  PRIMARY KEY (grant_no),
  UNIQUE INDEX statement_grants_grant (grant_id),
  INDEX statement_grants_principal (principal_no),
  INDEX statement_grants_sponsor (sponsor_no, principal_no)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row for each operation, in the order of time. `text` is null where the wording is the text. The indexes name the
-- columns of the primary key, which they have anyway, since MySQL walks them in that order only then.
CREATE TABLE statements (
  at bigint NOT NULL,
  grant_no int NOT NULL,
  seq int NOT NULL,
  operation int NOT NULL,
  principal_no int NOT NULL,
  target_no int NOT NULL,
  wording_no int NOT NULL,
  kind_no int NOT NULL,
  database_no int NULL,
  tables_no int NULL,
  policies_no int NULL,
  decided_no int NULL,
  error_no int NULL,
  verdict varchar(5) NOT NULL,
  decision varchar(10) NULL,
  in_transaction tinyint NULL,
  is_cut tinyint NOT NULL,
  read_rows bigint NULL,
  changed_rows bigint NULL,
  duration_us bigint NULL,
  text mediumtext NULL,
  bound mediumtext NULL,
  PRIMARY KEY (at, grant_no, seq),
  INDEX statements_grant (grant_no, at, seq),
  INDEX statements_principal (principal_no, at, grant_no, seq),
  INDEX statements_target (target_no, at, grant_no, seq),
  INDEX statements_wording (wording_no, at, grant_no, seq),
  INDEX statements_kind (kind_no, at, grant_no, seq)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What some statements have and others do not: a row for each table, each error, and what was held, denied or decided.
CREATE TABLE statement_facets (
  term_no int NOT NULL,
  at bigint NOT NULL,
  grant_no int NOT NULL,
  seq int NOT NULL,
  PRIMARY KEY (term_no, at, grant_no, seq)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- When the recording should be indexed; null: it has been. So those that were sealed before are indexed too.
ALTER TABLE recordings
  ADD COLUMN index_due_at bigint NULL DEFAULT 0,
  ADD INDEX recordings_index_due (index_due_at);
