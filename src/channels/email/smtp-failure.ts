import { ChannelFailure } from '../channel.js';

/** What kept a message from being sent. */
export type SmtpFault =
  | 'unreachable'
  | 'too-slow'
  | 'connection-lost'
  | 'tls'
  | 'login-refused'
  | 'refused-now'
  | 'refused'
  | 'protocol'
  | 'stopped';

const WORDS: Readonly<Record<SmtpFault, string>> = {
  unreachable: 'The mail server cannot be reached',
  'too-slow': 'The mail server does not answer in time',
  'connection-lost': 'The mail server closed the connection',
  tls: 'The way to the mail server cannot be encrypted, or its certificate is not trusted',
  'login-refused': 'The mail server refuses the user name or the password of SMTP_URL, or wants some',
  'refused-now': 'The mail server does not take the message now',
  refused: 'The mail server refuses the message or its address',
  protocol: 'The mail server says something that is no SMTP',
  stopped: 'The worker was stopped meanwhile',
};

/** A message was not sent, or nobody knows. It quotes nothing that the server said. */
export class SmtpFailure extends ChannelFailure {
  readonly fault: SmtpFault;

  constructor(fault: SmtpFault, detail?: string) {
    super(detail === undefined ? `${WORDS[fault]}.` : `${WORDS[fault]} (${detail}).`);
    this.name = 'SmtpFailure';
    this.fault = fault;
  }

  /** It is about this one message: others may well be taken. */
  get isOfMessage(): boolean {
    return this.fault === 'refused' || this.fault === 'refused-now';
  }
}

const PERMANENT_FROM = 500;
/** The session is in a wrong state: another connection may do. */
const OF_SESSION: ReadonlySet<number> = new Set([503]);

/** What Node.js says of certificates. */
const OF_CERTIFICATE = /CERT|^UNABLE_TO_|^ERR_(TLS|SSL)|^EPROTO$/;

/** The failure behind what the library threw. */
export function failureOf(error: unknown): SmtpFailure {
  if (error instanceof SmtpFailure) return error;
  const { code, cause, response } = partsOf(error);
  const detail = response === undefined ? (cause ?? code) : String(response);
  if (code === 'EAUTH' || response === 530 || response === 538) return new SmtpFailure('login-refused', detail);
  if (code === 'ETLS' || (cause !== undefined && OF_CERTIFICATE.test(cause))) return new SmtpFailure('tls', cause);
  switch (code) {
    case 'ETIMEDOUT':
      return new SmtpFailure('too-slow');
    case 'EENVELOPE':
    case 'EMESSAGE':
      return new SmtpFailure(refusalOf(response), detail);
    case 'ECONNECTION':
      return new SmtpFailure('connection-lost', response === undefined ? undefined : detail);
    case 'EPROTOCOL':
      return new SmtpFailure('protocol', response === undefined ? undefined : detail);
    default:
      return new SmtpFailure('unreachable', detail);
  }
}

function refusalOf(response: number | undefined): 'refused' | 'refused-now' {
  if (response === undefined || response < PERMANENT_FROM) return 'refused-now';
  return OF_SESSION.has(response) ? 'refused-now' : 'refused';
}

interface LibraryError {
  /** The library's own. */
  readonly code: string | undefined;
  /** The system's, behind it. */
  readonly cause: string | undefined;
  /** The number of the server's answer. */
  readonly response: number | undefined;
}

function partsOf(error: unknown): LibraryError {
  if (!(error instanceof Error)) return { code: undefined, cause: undefined, response: undefined };
  return {
    code: 'code' in error && typeof error.code === 'string' ? error.code : undefined,
    cause: 'originalCode' in error && typeof error.originalCode === 'string' ? error.originalCode : undefined,
    response: 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : undefined,
  };
}
