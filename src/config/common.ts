import { httpOrigin, keyIds, oneOf, optionalSecret, secretUrl, text, wholeNumber } from './variables.js';

/** What every process needs to reach what the broker stands on. */
export const stateVariables = {
  DATABASE_URL: secretUrl(['mysql://', 'mariadb://'], {
    about:
      'The state database: mysql://user:password@host:port/database; add ?tls=true to encrypt and verify the path to it.',
    path: 'a database',
  }),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], 'info', {
    about: 'The least important lines to log: fatal, error, warn, info, debug or trace.',
  }),
  START_WAIT_SECONDS: wholeNumber(0, 3600, 30, {
    about: 'Seconds a starting process waits for the state database and Redis before it gives up.',
  }),
};

export const queueVariables = {
  REDIS_URL: secretUrl(['redis://', 'rediss://'], {
    about: 'Redis or Valkey: redis://user:password@host:port/number, or rediss:// for TLS.',
  }),
  QUEUE_PREFIX: text('doorwarden', 'Begins every key in Redis; brokers that share a Redis need different ones.'),
};

/** The api is found there; the worker writes links to it. */
export const publicUrlVariables = {
  PUBLIC_URL: httpOrigin({
    about:
      'Where people find the api, such as https://doorwarden.example.com: redirect addresses begin with it, and the Origin of their browsers must be it.',
    otherwise: 'http://API_HOST:API_PORT (https:// with a certificate of its own), where API_HOST is on loopback',
  }),
};

export const recordingVariables = {
  RECORDINGS_DIR: text('var/recordings', 'The directory that holds live and sealed recordings.'),
};

const keysDirectory = text('var/keys', 'The directory in which key files are made and kept, mode 700.');

export const envelopeKeyVariables = {
  KEYS_DIR: keysDirectory,
  ENVELOPE_KEY: optionalSecret({
    about: 'The private key that opens target passwords, an X25519 JWK; the same for all gateways and workers.',
    otherwise: 'the file envelope.jwk in KEYS_DIR, made at the first start',
  }),
  LOST_ENVELOPE_KEYS: keyIds(
    'Ids of envelope keys that are lost for good, with commas between: passwords stored under them stop no start any more.',
  ),
};

export const providerKeyVariables = {
  KEYS_DIR: keysDirectory,
  PROVIDER_KEY: optionalSecret({
    about:
      'The private key that keeps the client secrets of identity providers, and from which the passwords follow that the MCP server of the api logs in with, an X25519 JWK; the same for all apis.',
    otherwise: 'the file provider.jwk in KEYS_DIR, made when it is first needed',
  }),
};

export const sealKeyVariables = {
  KEYS_DIR: keysDirectory,
  SEAL_KEY: optionalSecret({
    about: 'The private key that signs sealed recordings, an Ed25519 JWK; the same for all workers.',
    otherwise: 'the file seal.jwk in KEYS_DIR, made at the first start',
  }),
};
