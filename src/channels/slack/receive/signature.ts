import { createHmac, timingSafeEqual } from 'node:crypto';

/** Older and newer requests than this are refused: who has read one cannot send it again later. */
const AGE_SECONDS_MAX = 300;
const TIMESTAMP = /^\d{1,12}$/;
const SIGNATURE = /^v0=([0-9a-f]{64})$/;

/** A request as it came. */
export interface SignedRequest {
  /** `X-Slack-Request-Timestamp`, seconds since the epoch. */
  readonly timestamp: string | undefined;
  /** `X-Slack-Signature`; Node.js joins two of them with a comma, and then they are none. */
  readonly signature: string | undefined;
  readonly body: Buffer;
}

/**
 * Whether Slack has signed the request, with the app's signing secret, within five minutes of now.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function isSignedBySlack({ timestamp, signature, body }: SignedRequest, secret: string, nowMs: number): boolean {
  if (timestamp === undefined || signature === undefined || !TIMESTAMP.test(timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > AGE_SECONDS_MAX) return false;
  const given = SIGNATURE.exec(signature)?.[1];
  if (given === undefined) return false;
  const wanted = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
  return timingSafeEqual(Buffer.from(given, 'hex'), wanted);
}
