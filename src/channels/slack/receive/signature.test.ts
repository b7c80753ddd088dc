import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedBySlack } from './signature.js';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const NOW_MS = 1_531_420_618_000;
const BODY = Buffer.from('payload=%7B%22type%22%3A%22block_actions%22%7D');

function signed(body = BODY, seconds = NOW_MS / 1000, secret = SECRET) {
  const mac = createHmac('sha256', secret).update(`v0:${seconds}:`).update(body).digest('hex');
  return { timestamp: String(seconds), signature: `v0=${mac}`, body };
}

describe('what Slack has signed', () => {
  it('is what its own documentation signs so', () => {
    // https://docs.slack.dev/authentication/verifying-requests-from-slack
    const body = Buffer.from(
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    );
    const request = {
      timestamp: '1531420618',
      signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      body,
    };
    expect(isSignedBySlack(request, SECRET, NOW_MS)).toBe(true);
  });

  it.each([0, 299, 300, -300])('holds %s s away', (seconds) => {
    expect(isSignedBySlack(signed(), SECRET, NOW_MS + seconds * 1000)).toBe(true);
  });

  it.each([301, -301, 86_400, -86_400])('does not hold %s s away', (seconds) => {
    expect(isSignedBySlack(signed(), SECRET, NOW_MS + seconds * 1000)).toBe(false);
  });

  it('does not hold with any byte changed', () => {
    for (let place = 0; place < BODY.length; place += 1) {
      const body = Buffer.from(BODY);
      body.writeUInt8((body.readUInt8(place) + 1) % 256, place);
      expect(isSignedBySlack({ ...signed(), body }, SECRET, NOW_MS), String(place)).toBe(false);
    }
  });

  it.each([
    ['of another secret', signed(BODY, NOW_MS / 1000, 'other').signature],
    ['twice', `${signed().signature}, ${signed().signature}`],
    ['in capitals', signed().signature.toUpperCase()],
    ['without its version', signed().signature.slice(3)],
    ['of another version', signed().signature.replace('v0', 'v1')],
    ['that is too short', signed().signature.slice(0, -2)],
    ['that is none', ''],
    ['that is not there', undefined],
  ])('is nothing with a signature %s', (_what, signature) => {
    expect(isSignedBySlack({ ...signed(), signature }, SECRET, NOW_MS)).toBe(false);
  });

  it.each([
    '',
    ' 1531420618',
    '+1531420618',
    '1531420618.0',
    '1.531420618e9',
    '0x5b479b8a',
    '15314206180000',
    undefined,
  ])('is nothing with the timestamp %j', (timestamp) => {
    expect(isSignedBySlack({ ...signed(), timestamp }, SECRET, NOW_MS)).toBe(false);
  });
});
