-- Policies in force, every version there ever was of them, and the one row by which all changes are ordered.

CREATE TABLE policies (
  name varchar(64) NOT NULL,
  text mediumtext NOT NULL,
  revision int NOT NULL,
  updated_by varchar(128) NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE policy_versions (
  revision int NOT NULL,
  name varchar(64) NOT NULL,
  text mediumtext NULL,
  changed_by varchar(128) NULL,
  changed_at bigint NOT NULL,
  PRIMARY KEY (revision),
  INDEX policy_versions_name (name, revision)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE policy_state (
  id int NOT NULL,
  revision int NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO policy_state (id, revision) VALUES (1, 0);
