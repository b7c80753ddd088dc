import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import type { ApiConfig } from '../../config/api.js';
import { StartError } from '../../start/start-error.js';

const LOOK_EVERY_MS = 5_000;
const WARN_BEFORE_MS = 30 * 24 * 3_600_000;

/** What the api serves TLS with, PEM. */
interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

interface TlsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

type TlsSettings = Pick<ApiConfig, 'API_TLS_CERT_FILE' | 'API_TLS_KEY_FILE'>;

/** The certificate files of the api, which are read again when somebody renews them. */
export class TlsFiles {
  readonly #settings: TlsSettings;
  readonly #log: TlsLog;
  #pair: TlsPair;
  #lastFault: string | undefined;

  /** Undefined when the settings name no files. @throws StartError that names the setting whose file is wrong */
  static of(settings: TlsSettings, log: TlsLog): TlsFiles | undefined {
    const { API_TLS_CERT_FILE: cert, API_TLS_KEY_FILE: key } = settings;
    if (cert === '' && key === '') return undefined;
    if (cert === '') throw new StartError('API_TLS_KEY_FILE is set, and API_TLS_CERT_FILE is not. Set both or none.');
    if (key === '') throw new StartError('API_TLS_CERT_FILE is set, and API_TLS_KEY_FILE is not. Set both or none.');
    return new TlsFiles(settings, log);
  }

  private constructor(settings: TlsSettings, log: TlsLog) {
    this.#settings = settings;
    this.#log = log;
    this.#pair = pairOf(settings);
    this.#tellExpiry();
  }

  get pair(): TlsPair {
    return this.#pair;
  }

  /** From now on the server takes each pair that fits together; with anything else it keeps the last one. @returns what ends that */
  follow(server: Server): () => void {
    const timer = setInterval(() => this.#look(server), LOOK_EVERY_MS).unref();
    return () => clearInterval(timer);
  }

  #look(server: Server): void {
    try {
      const pair = pairOf(this.#settings);
      this.#lastFault = undefined;
      if (pair.cert === this.#pair.cert && pair.key === this.#pair.key) return;
      server.setSecureContext(pair);
      this.#pair = pair;
      this.#log.info({}, 'the certificate of the api was read again');
      this.#tellExpiry();
    } catch (error) {
      const fault = error instanceof StartError ? error.message : 'The files cannot be used together.';
      if (fault !== this.#lastFault) {
        this.#log.warn({ reason: fault }, 'the new certificate of the api cannot be used; the last one stays');
      }
      this.#lastFault = fault;
    }
  }

  #tellExpiry(): void {
    const { validToDate } = new X509Certificate(this.#pair.cert);
    if (validToDate.getTime() - Date.now() > WARN_BEFORE_MS) return;
    this.#log.warn({ validTo: validToDate.toISOString() }, 'the certificate of the api expires soon, or has expired');
  }
}

/** @throws StartError */
function pairOf({ API_TLS_CERT_FILE, API_TLS_KEY_FILE }: TlsSettings): TlsPair {
  const cert = textOf('API_TLS_CERT_FILE', API_TLS_CERT_FILE);
  const key = textOf('API_TLS_KEY_FILE', API_TLS_KEY_FILE);
  const certificate = madeOf('API_TLS_CERT_FILE', 'certificate', () => new X509Certificate(cert));
  const privateKey = madeOf('API_TLS_KEY_FILE', 'private key without a passphrase', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new StartError('The key in API_TLS_KEY_FILE is not the one of the first certificate in API_TLS_CERT_FILE.');
  }
  return { cert, key };
}

function textOf(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new StartError(`The file that ${setting} names cannot be read (${code}).`, { cause });
  }
}

function madeOf<T>(setting: string, what: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new StartError(`The file that ${setting} names has no ${what} in PEM.`, { cause });
  }
}
