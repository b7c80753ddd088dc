-- Workers that run: the api says when there is none.
CREATE TABLE workers (
  id char(26) NOT NULL,
  alive_until bigint NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
