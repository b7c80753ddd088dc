-- Principals and their API keys, targets, and the public halves of the broker's keys.

CREATE TABLE principals (
  id char(26) NOT NULL,
  name varchar(128) NOT NULL,
  kind varchar(20) NOT NULL,
  roles text NOT NULL,
  created_at bigint NOT NULL,
  disabled_at bigint NULL,
  PRIMARY KEY (id),
  UNIQUE INDEX principals_name (name)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE api_keys (
  id varchar(8) NOT NULL,
  principal_id char(26) NOT NULL,
  label varchar(100) NULL,
  hash varbinary(32) NOT NULL,
  created_at bigint NOT NULL,
  last_used_at bigint NULL,
  revoked_at bigint NULL,
  PRIMARY KEY (id),
  INDEX api_keys_principal (principal_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE targets (
  id char(26) NOT NULL,
  name varchar(64) NOT NULL,
  revision int NOT NULL,
  host varchar(255) NOT NULL,
  port int NOT NULL,
  tls text NOT NULL,
  credentials varchar(20) NOT NULL,
  username varchar(128) NOT NULL,
  sealed_password text NULL,
  default_database varchar(64) NULL,
  labels text NOT NULL,
  limits text NOT NULL,
  report text NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (id),
  UNIQUE INDEX targets_name (name)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE published_keys (
  kid varchar(100) NOT NULL,
  purpose varchar(20) NOT NULL,
  jwk text NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (kid),
  INDEX published_keys_purpose (purpose, created_at)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
