-- How each channel fares, as the workers that have it open say, and the last test of it that somebody asked for.
CREATE TABLE channels (
  name varchar(32) NOT NULL,
  seen_at bigint NOT NULL,
  open_at bigint NULL,
  testable tinyint NOT NULL,
  sent_at bigint NULL,
  failed_at bigint NULL,
  failure varchar(300) NULL,
  waiting int NOT NULL,
  test_id char(26) NULL,
  test_by char(26) NULL,
  test_by_name varchar(128) NULL,
  test_asked_at bigint NULL,
  test_taken_at bigint NULL,
  test_done_at bigint NULL,
  test_failure varchar(300) NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What a principal has said of the notices that reach them; of a person's principals the last one to say it counts.
CREATE TABLE notice_choices (
  principal_id char(26) NOT NULL,
  email varchar(10) NOT NULL,
  changed_at bigint NOT NULL,
  PRIMARY KEY (principal_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The digests of a person by number: the last one, on its way or sent.
CREATE TABLE email_digests (
  person_id char(26) NOT NULL,
  number int NOT NULL,
  opened_at bigint NULL,
  try_at bigint NULL,
  tries int NOT NULL,
  sent_at bigint NULL,
  PRIMARY KEY (person_id),
  KEY email_digests_try (try_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which waiting questions a person was told of; gone once the question waits no more.
CREATE TABLE email_told (
  person_id char(26) NOT NULL,
  approval_id char(26) NOT NULL,
  PRIMARY KEY (person_id, approval_id),
  KEY email_told_approval (approval_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
