-- What a gateway is asked to look at before a target is stored or changed. The job in Redis names the row and no more:
-- where to connect, with which TLS and which sealed password, comes from here, and the answer goes here.

CREATE TABLE target_inspections (
  id char(26) NOT NULL,
  request mediumtext NOT NULL,
  answer mediumtext NULL,
  expires_at bigint NOT NULL,
  taken_at bigint NULL,
  PRIMARY KEY (id),
  INDEX target_inspections_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
