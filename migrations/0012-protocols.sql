-- What a target speaks, and with it its grants and what is asked about them; everything that is older speaks mysql.
ALTER TABLE targets ADD COLUMN protocol varchar(32) NOT NULL DEFAULT 'mysql';
ALTER TABLE approvals ADD COLUMN protocol varchar(32) NOT NULL DEFAULT 'mysql';

-- What a credential is checked against, as JSON of the protocol. native_hash and caching_sha2_hash stay: processes of the
-- version before go on with them until they are stopped.
ALTER TABLE grants
  ADD COLUMN protocol varchar(32) NOT NULL DEFAULT 'mysql',
  ADD COLUMN verifier text NULL,
  ADD INDEX grants_protocol (protocol, id);
UPDATE grants
  SET verifier = CONCAT(
    '{"protocol":"mysql","nativeHash":"', TO_BASE64(native_hash),
    '","cachingSha2Hash":"', TO_BASE64(caching_sha2_hash), '"}'
  )
  WHERE native_hash IS NOT NULL AND caching_sha2_hash IS NOT NULL AND sealed_at IS NULL;
