import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import {
  deviceNames,
  type DeviceNames,
  type DeviceOpening,
  type DeviceToken,
  type DeviceView,
} from '../../contracts/sign-in/device.js';
import { newUserCode } from '../../domain/user-code.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { OneTimeValues } from '../../messaging/one-time-values.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import type { Caller } from '../http/access.js';
import { timeOf } from '../http/time.js';
import { CLOCK } from '../modules/tokens.js';
import { AdminRecord } from '../record/admin-record.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';
import { Sessions } from '../sign-in/sessions/sessions.js';
import { storedJson } from '../sign-in/stored-json.js';
import { hashOfSecret, newSecret, type OpenSession, storedSession } from '../sign-in/sessions/stored-session.js';

const CODE_MS = 600_000;
const INTERVAL_MS = 2_000;
/** A program that has not asked within this time after somebody allowed it is gone, or has lost its way. */
const ALLOWED_MS = 60_000;

const askedSchema = z.strictObject({
  ...deviceNames.shape,
  address: z.string(),
  askedAtMs: z.int(),
});
type AskedDevice = z.infer<typeof askedSchema>;

const decisionSchema = z.discriminatedUnion('decision', [
  z.strictObject({ decision: z.literal('refuse') }),
  z.strictObject({
    decision: z.literal('allow'),
    ...storedSession.pick({ principal: true, identity: true, authAtMs: true, epoch: true }).shape,
    untilMs: z.int(),
    /** The session in which somebody allowed it, by what may be shown of it. */
    allowedIn: z.string(),
    allowedFrom: z.string(),
  }),
]);
type AllowedDevice = Extract<z.infer<typeof decisionSchema>, { decision: 'allow' }>;

/** From where a call came. */
export interface DeviceOrigin {
  readonly address: string;
  readonly userAgent: string;
}

/**
 * Lets the command line in as somebody who is signed in with a browser (RFC 8628, in the form of this API). It asks and gets
 * two codes; the person types the short one on the page and decides; the secret one then gets a session, once. What is asked
 * and decided is in Redis for minutes, named by hashes and signed as sessions are. Allowing is no sign-in: the new session
 * ends no later than the one in which somebody allowed it.
 */
@Injectable()
export class DeviceAuthorizations {
  readonly #log = new Logger('SignIn');

  constructor(
    private readonly once: OneTimeValues,
    private readonly sessions: Sessions,
    private readonly principals: PrincipalRepository,
    private readonly record: AdminRecord,
    private readonly address: PublicAddress,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws BrokerError `queue_unavailable` */
  async start(names: DeviceNames, { address }: DeviceOrigin): Promise<DeviceOpening> {
    const deviceCode = newSecret();
    const userCode = newUserCode(randomBytes);
    const hash = hashOfSecret(deviceCode);
    const asked: AskedDevice = { ...names, address, askedAtMs: this.clock.nowMs() };
    await this.once.put(askedKey(hash), JSON.stringify(asked), CODE_MS);
    await this.once.put(userKey(userCode), hash, CODE_MS);
    return {
      deviceCode,
      userCode,
      verificationUri: this.address.of('/device'),
      expiresInSeconds: CODE_MS / 1_000,
      intervalSeconds: INTERVAL_MS / 1_000,
    };
  }

  /**
   * What waits with a code, for somebody who is about to decide.
   * @throws BrokerError `device_needs_browser`, `device_code_unknown`, `session_ended`, `queue_unavailable`
   */
  async look(code: string, caller: Caller, { address }: DeviceOrigin): Promise<DeviceView> {
    const session = await this.#browserOf(caller);
    const hash = await this.once.read(userKey(code));
    const asked = hash === undefined ? undefined : storedJson(askedSchema, await this.once.read(askedKey(hash)));
    if (asked === undefined) throw new BrokerError('device_code_unknown');
    return {
      code,
      client: asked.client,
      machine: asked.machine,
      address: asked.address,
      isSameAddress: asked.address === address,
      askedAt: timeOf(asked.askedAtMs),
      expiresAt: timeOf(asked.askedAtMs + CODE_MS),
      endsAt: timeOf(this.sessions.latestEndMs(session)),
    };
  }

  /**
   * Decides, once: of several that decide at the same time, one does.
   * @throws BrokerError as {@link look}; `record_unavailable`, `state_unavailable`
   */
  async decide(code: string, decision: 'allow' | 'refuse', caller: Caller, { address }: DeviceOrigin): Promise<void> {
    const session = await this.#browserOf(caller);
    const hash = await this.once.take(userKey(code));
    const asked = hash === undefined ? undefined : storedJson(askedSchema, await this.once.read(askedKey(hash)));
    if (hash === undefined || asked === undefined) throw new BrokerError('device_code_unknown');
    if (decision === 'refuse') {
      await this.once.put(decisionKey(hash), JSON.stringify({ decision }), CODE_MS);
      const after = { client: asked.client, machine: asked.machine, address: asked.address };
      const subject = { kind: 'session', name: 'none' } as const;
      await this.record.note({
        act: 'sign-in.refused',
        by: caller,
        subject,
        after,
        code: 'access_denied',
        outcome: 'refused',
      });
      return;
    }
    const { principal, identity, authAtMs, epoch, id } = session;
    const untilMs = this.sessions.latestEndMs(session);
    const allowed: AllowedDevice = {
      decision,
      principal,
      identity,
      authAtMs,
      epoch,
      untilMs,
      allowedIn: id,
      allowedFrom: address,
    };
    await this.once.put(decisionKey(hash), JSON.stringify(allowed), ALLOWED_MS);
  }

  /**
   * The session that somebody allowed, once; the program may ask again after the interval until then.
   * @throws BrokerError `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `queue_unavailable`,
   *   `state_unavailable`, `record_unavailable`
   */
  async take(deviceCode: string, origin: DeviceOrigin): Promise<DeviceToken> {
    const hash = hashOfSecret(deviceCode);
    const asked = storedJson(askedSchema, await this.once.read(askedKey(hash)));
    if (asked === undefined) throw new BrokerError('expired_token');
    if (!(await this.once.claim(`device-poll:${hash}`, INTERVAL_MS))) throw new BrokerError('slow_down');
    const text = await this.once.take(decisionKey(hash));
    if (text === undefined) throw new BrokerError('authorization_pending');
    await this.once.take(askedKey(hash));
    const decided = storedJson(decisionSchema, text);
    if (decided === undefined) throw new BrokerError('expired_token');
    if (decided.decision === 'refuse') throw new BrokerError('access_denied');
    return this.#begin(asked, decided, origin);
  }

  async #begin(asked: AskedDevice, allowed: AllowedDevice, { address, userAgent }: DeviceOrigin): Promise<DeviceToken> {
    const { principal: id, identity, authAtMs, epoch, untilMs } = allowed;
    const principal = await this.principals.findById(id);
    const isStill = principal?.disabledAtMs === null && principal.sessionEpoch === epoch;
    // All of the person's sessions have ended since, or they may not sign in any more.
    if (!isStill || untilMs <= this.clock.nowMs()) throw new BrokerError('expired_token');
    // The one in which it was allowed has ended since, such as by somebody who saw that it was not theirs.
    const allowedIn = (await this.sessions.listOf(id)).find((open) => open.id === allowed.allowedIn);
    if (allowedIn === undefined) throw new BrokerError('expired_token');
    const device = { client: asked.client, machine: asked.machine };
    const { secret, session } = await this.sessions.open({
      principal: id,
      epoch,
      identity,
      authAtMs,
      untilMs,
      address,
      userAgent,
      device,
      allowedIn, // it may end between that look and this
    });
    await this.#note({ name: principal.name, session, allowed });
    this.#log.log({ principal: principal.name, session: session.id, address }, 'signed in on the command line');
    return { token: secret, principal: principal.name, endsAt: timeOf(this.sessions.latestEndMs(session)) };
  }

  /** A sign-in that the record does not take is none. */
  async #note({ name, session, allowed }: BegunDevice): Promise<void> {
    const { id, identity, device, principal } = session;
    const { allowedIn, allowedFrom } = allowed;
    try {
      await this.record.note({
        act: 'sign-in.done',
        by: { name, signIn: `device:${identity?.provider ?? 'link'}` },
        subject: { kind: 'session', name: id },
        after: {
          principal: name,
          issuer: identity?.issuer,
          subject: identity?.subject,
          ...device,
          allowedIn,
          allowedFrom,
        },
      });
    } catch (error) {
      await this.sessions.end(principal, [session]);
      throw error;
    }
  }

  /** The session of the browser: a command line lets no other in, or it would never have to end. */
  async #browserOf({ id, signIn }: Caller): Promise<OpenSession> {
    if (signIn.by !== 'session') throw new BrokerError('device_needs_browser');
    const session = (await this.sessions.listOf(id)).find((open) => open.id === signIn.session);
    if (session === undefined) throw new BrokerError('session_ended');
    return session;
  }
}

interface BegunDevice {
  readonly name: string;
  readonly session: OpenSession;
  readonly allowed: AllowedDevice;
}

function askedKey(hash: string): string {
  return `device:${hash}`;
}

function userKey(code: string): string {
  return `device-user:${hashOfSecret(code)}`;
}

function decisionKey(hash: string): string {
  return `device-decision:${hash}`;
}
