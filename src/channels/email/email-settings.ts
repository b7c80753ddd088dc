import { ConfigError } from '../../config/load.js';
import type { WorkerConfig } from '../../config/worker.js';
import { isLoopback } from '../../kernel/loopback.js';
import { type Mailbox, senderIn } from './email-address.js';

/** Whether the way to a server is encrypted: from the beginning, by STARTTLS or not at all, by it if there is, or never. */
export type SmtpTls = 'from-start' | 'required' | 'if-offered' | 'never';

/** The server that takes mail. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly tls: SmtpTls;
  readonly login: { readonly user: string; readonly password: string } | null;
}

export interface EmailSettings {
  readonly server: SmtpServer;
  readonly from: Mailbox;
  /** Where people find the api: an origin. */
  readonly publicUrl: string;
  readonly gatherMs: number;
  readonly everyMs: number;
  readonly signedInMs: number;
}

type EmailConfig = Pick<
  WorkerConfig,
  | 'SMTP_URL'
  | 'EMAIL_FROM'
  | 'EMAIL_PLAIN'
  | 'EMAIL_GATHER_SECONDS'
  | 'EMAIL_EVERY_MINUTES'
  | 'EMAIL_SIGN_IN_DAYS'
  | 'PUBLIC_URL'
>;

const SUBMISSION_PORT = 587; // RFC 6409
const SUBMISSIONS_PORT = 465; // RFC 8314
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Undefined: no e-mail is wanted. @throws ConfigError where the settings do not fit together */
export function emailSettingsOf(config: EmailConfig): EmailSettings | undefined {
  const { SMTP_URL, EMAIL_FROM, PUBLIC_URL } = config;
  if (SMTP_URL === undefined) return undefined;
  const server = serverAt(new URL(SMTP_URL), config.EMAIL_PLAIN === 'true');
  const from = senderIn(EMAIL_FROM);
  const problems = [
    ...(from === undefined ? [FROM_PROBLEM] : []),
    ...(PUBLIC_URL === null ? [PUBLIC_URL_PROBLEM] : []),
    ...(server === undefined ? [SERVER_PROBLEM] : []),
  ];
  if (from === undefined || PUBLIC_URL === null || server === undefined) throw new ConfigError(problems);
  return {
    server,
    from,
    publicUrl: PUBLIC_URL,
    gatherMs: config.EMAIL_GATHER_SECONDS * SECOND_MS,
    everyMs: config.EMAIL_EVERY_MINUTES * MINUTE_MS,
    signedInMs: config.EMAIL_SIGN_IN_DAYS * DAY_MS,
  };
}

const FROM_PROBLEM =
  'EMAIL_FROM: must be an address such as doorwarden@example.com, or Doorwarden <doorwarden@example.com>, since SMTP_URL is set.';
const PUBLIC_URL_PROBLEM = 'PUBLIC_URL: must be set, since SMTP_URL is: a digest links to it.';
const SERVER_PROBLEM =
  'SMTP_URL: must be a server alone, such as smtp://user:password@host:587, without a path or a query; a user name comes with a password.';

function serverAt(url: URL, mayBePlain: boolean): SmtpServer | undefined {
  const { protocol, hostname, pathname, search } = url;
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const isBare = (pathname === '' || pathname === '/') && search === '' && (user === '') === (password === '');
  if (!isBare) return undefined;
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const login = user === '' ? null : { user, password };
  if (protocol === 'smtps:') return { host, port: portOf(url, SUBMISSIONS_PORT), tls: 'from-start', login };
  const tls = mayBePlain ? 'never' : isLoopback(host) ? 'if-offered' : 'required';
  return { host, port: portOf(url, SUBMISSION_PORT), tls, login };
}

function portOf({ port }: URL, byDefault: number): number {
  return port === '' ? byDefault : Number(port);
}
