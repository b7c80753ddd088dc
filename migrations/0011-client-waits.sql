-- Whether a client's statement still waits for the question. NULL: nobody said so, as gateways of older versions do not.
ALTER TABLE approvals ADD COLUMN client_waits tinyint NULL;
