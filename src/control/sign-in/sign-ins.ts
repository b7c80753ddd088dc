import { Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { PROVIDER_KINDS, type ProviderKind, type VerifiedIdentity } from '../../domain/identity/verified-identity.js';
import { BrokerError } from '../../kernel/errors.js';
import { OneTimeValues } from '../../messaging/one-time-values.js';
import type { PrincipalRow } from '../../persistence/entities/identity/principal.js';
import { AdminRecord } from '../record/admin-record.js';
import { Admission } from './providers/admission.js';
import { cookieOf, dropCookie, PRE_COOKIE, SESSION_COOKIE, setCookie } from './browser/cookies.js';
import { ownPath } from './browser/own-path.js';
import { PublicAddress } from './browser/public-address.js';
import { Sessions } from './sessions/sessions.js';
import { storedJson } from './stored-json.js';
import { hashOfSecret, isSecret, newSecret, type OpenSession, verifiedIdentity } from './sessions/stored-session.js';

const FLOW_SECONDS = 600;
const TICKET_MS = 60_000;
const REMEMBERED_CHARACTERS_MAX = 8_000;

const flowSchema = z.strictObject({
  provider: z.string(),
  kind: z.enum(PROVIDER_KINDS),
  /** The SHA-256 of the cookie that the browser got when it began. */
  browser: z.string(),
  returnTo: z.string(),
  remembered: z.record(z.string(), z.string()),
});
/** A sign-in under way, as it was when it began. */
export type SignInFlow = Readonly<z.infer<typeof flowSchema>>;

const ticketSchema = z.strictObject({
  browser: z.string(),
  returnTo: z.string(),
  identity: verifiedIdentity,
});

export interface SignInOpening {
  readonly provider: string;
  readonly kind: ProviderKind;
  /** Where the person wants to go afterwards; any other place than one of this broker is the first page. */
  readonly returnTo: unknown;
  /** What the provider's answer is checked against: nonce, verifier, id of the request. */
  readonly remember: Readonly<Record<string, string>>;
}

/** By which way an answer came back. */
export interface SignInAnswer {
  /** `state` of OpenID Connect, RelayState of SAML. */
  readonly flow: unknown;
  readonly provider: string;
  readonly kind: ProviderKind;
  /** Given where the browser brings its cookies along: not with a POST that a provider's page sends. */
  readonly request?: Request;
}

/**
 * The way of a sign-in through an identity provider. It starts here, in a browser that gets a cookie; the answer comes back
 * to the provider's own route, which checks it and asks for a ticket; the browser that started takes the ticket to
 * `/auth/finish` and gets a session. Everything between is used once and lasts minutes.
 */
@Injectable()
export class SignIns {
  readonly #log = new Logger('SignIn');

  constructor(
    private readonly once: OneTimeValues,
    private readonly sessions: Sessions,
    private readonly admission: Admission,
    private readonly record: AdminRecord,
    private readonly address: PublicAddress,
  ) {}

  /**
   * Begins a sign-in and gives the browser its cookie. What comes back goes to the provider as `state` or RelayState.
   * @throws BrokerError `signin_unavailable`, `queue_unavailable`
   */
  async start(request: Request, response: Response, start: SignInOpening): Promise<string> {
    this.address.mustBeSafe(request);
    const flow = newSecret();
    // A browser that begins a second sign-in beside the first can finish both.
    const known = cookieOf(request, PRE_COOKIE);
    const browser = known !== undefined && isSecret(known) ? known : newSecret();
    const kept: SignInFlow = {
      provider: start.provider,
      kind: start.kind,
      browser: hashOfSecret(browser),
      returnTo: ownPath(start.returnTo),
      remembered: start.remember,
    };
    const text = JSON.stringify(kept);
    if (text.length > REMEMBERED_CHARACTERS_MAX) throw refusal('flow_too_large');
    await this.once.put(`flow:${hashOfSecret(flow)}`, text, FLOW_SECONDS * 1_000);
    setCookie(response, PRE_COOKIE, browser, FLOW_SECONDS);
    return flow;
  }

  /**
   * What was remembered of the sign-in to which an answer belongs, once.
   * @throws BrokerError `signin_expired`, `signin_not_started_here`, `queue_unavailable`; `signin_refused` for another provider's answer
   */
  async resume({ flow, provider, kind, request }: SignInAnswer): Promise<SignInFlow> {
    if (typeof flow !== 'string' || !isSecret(flow)) throw new BrokerError('signin_not_started_here');
    const kept = storedJson(flowSchema, await this.once.take(`flow:${hashOfSecret(flow)}`));
    if (kept === undefined) throw new BrokerError('signin_expired');
    if (request !== undefined) mustBeSameBrowser(request, kept.browser);
    if (kept.provider !== provider || kept.kind !== kind) throw refusal('other_provider');
    return kept;
  }

  /** A ticket for the person who signed in, and the path to which the browser takes it. @throws BrokerError `queue_unavailable` */
  async ticket({ browser, returnTo }: SignInFlow, identity: VerifiedIdentity): Promise<string> {
    const ticket = newSecret();
    await this.once.put(`ticket:${hashOfSecret(ticket)}`, JSON.stringify({ browser, returnTo, identity }), TICKET_MS);
    return `/auth/finish?t=${ticket}`;
  }

  /**
   * Takes a ticket, gives the browser its session, and says where the person wanted to go.
   * @throws BrokerError `signin_not_started_here`, `signin_expired`, what {@link Admission} throws
   */
  async finish(request: Request, response: Response, ticket: unknown): Promise<string> {
    this.address.mustBeSafe(request);
    if (cookieOf(request, PRE_COOKIE) === undefined) throw new BrokerError('signin_not_started_here');
    if (typeof ticket !== 'string' || !isSecret(ticket)) throw new BrokerError('signin_expired');
    const taken = storedJson(ticketSchema, await this.once.take(`ticket:${hashOfSecret(ticket)}`));
    if (taken === undefined) throw new BrokerError('signin_expired');
    mustBeSameBrowser(request, taken.browser);
    dropCookie(response, PRE_COOKIE);
    const principal = await this.admission.admit(taken.identity);
    await this.begin(request, response, { principal, identity: taken.identity, untilMs: null });
    return taken.returnTo;
  }

  /** Begins a session in this browser, in place of one that it has. @throws BrokerError `signin_principal_disabled`, `queue_unavailable` */
  async begin(
    request: Request,
    response: Response,
    { principal, identity, untilMs }: SignInOutcome,
  ): Promise<OpenSession> {
    if (principal.disabledAtMs !== null) throw new BrokerError('signin_principal_disabled');
    const before = cookieOf(request, SESSION_COOKIE);
    const replaced = before === undefined ? undefined : await this.sessions.find(before);
    if (replaced !== undefined) await this.sessions.end(replaced.principal, [replaced]);
    const { secret, session } = await this.sessions.open({
      principal: principal.id,
      epoch: principal.sessionEpoch,
      identity,
      untilMs,
      address: request.ip ?? '',
      userAgent: request.header('User-Agent') ?? '',
    });
    await this.#note(principal, session);
    setCookie(response, SESSION_COOKIE, secret);
    const { id, address } = session;
    const provider = identity?.provider ?? null;
    this.#log.log({ principal: principal.name, session: id, provider, address }, 'signed in');
    return session;
  }

  /** A sign-in that the record does not take is none. */
  async #note(principal: PrincipalRow, session: OpenSession): Promise<void> {
    const { id, identity, userAgent } = session;
    try {
      await this.record.note({
        act: 'sign-in.done',
        by: { name: principal.name, signIn: `session:${identity?.provider ?? 'link'}` },
        subject: { kind: 'session', name: id },
        after: { principal: principal.name, issuer: identity?.issuer, subject: identity?.subject, userAgent },
      });
    } catch (error) {
      await this.sessions.end(session.principal, [session]);
      throw error;
    }
  }
}

/** Who signed in, and until when at the latest; no identity: by a one-time link. */
export interface SignInOutcome {
  readonly principal: PrincipalRow;
  readonly identity: VerifiedIdentity | null;
  readonly untilMs: number | null;
}

function mustBeSameBrowser(request: Request, browser: string): void {
  const cookie = cookieOf(request, PRE_COOKIE);
  if (cookie === undefined || hashOfSecret(cookie) !== browser) throw new BrokerError('signin_not_started_here');
}

function refusal(check: string): BrokerError {
  return new BrokerError('signin_refused', { fields: { check } });
}
