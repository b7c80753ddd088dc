import { expect, it } from 'vitest';
import type { TargetReport } from '../../domain/target.js';
import type { InspectionWish, TargetLogin } from '../../gateway/gateway-protocol.js';
import { BrokerError } from '../../kernel/errors.js';
import { EnvelopeKey, sealPassword } from '../../keys/envelope.js';
import { makeJwkText, parsePrivateJwk } from '../../keys/okp-jwk.js';
import type { InspectionRequest } from '../../persistence/entities/grants/target-inspection.js';
import { lookAtTarget } from './target-look.js';

const envelopeKey = new EnvelopeKey(await parsePrivateJwk(makeJwkText('X25519'), 'X25519', 'the test'));
const PLACE = { targetId: 't', host: 'db.example', port: 3306, tls: { mode: 'off' }, username: 'ada' } as const;
const REQUEST: InspectionRequest & { readonly databases: readonly string[] } = {
  ...PLACE,
  sealedPassword: await sealPassword('hunter2', PLACE, envelopeKey.publicJwk),
  credentials: 'dynamic',
  defaultDatabase: 'shop',
  databases: ['shop'],
};

/** A protocol that reports who it is, and notes what it was asked. */
function noting(name: string) {
  const asked: { readonly login: TargetLogin; readonly wish: InspectionWish }[] = [];
  const inspect = async (login: TargetLogin, wish: InspectionWish, now: Date): Promise<TargetReport> => {
    asked.push({ login, wish });
    return { flavour: name, version: '1', tls: null, checkedAt: now.toISOString() };
  };
  return { name, inspect, asked };
}

it('a target is looked at by the protocol that its request names, with the password in the clear', async () => {
  const echo = noting('echo');
  const answer = await lookAtTarget(
    { ...REQUEST, protocol: 'echo' },
    { protocols: [noting('mysql'), echo], envelopeKey },
  );
  expect(answer).toMatchObject({ ok: true, report: { flavour: 'echo' } });
  expect(echo.asked).toEqual([
    {
      login: {
        endpoint: { host: 'db.example', port: 3306, tls: { mode: 'off' } },
        username: 'ada',
        password: 'hunter2',
      },
      wish: { credentials: 'dynamic', defaultDatabase: 'shop', limits: { databases: ['shop'] } },
    },
  ]);
});

it('a request that names no protocol is of a version that knew MySQL alone', async () => {
  const answer = await lookAtTarget(REQUEST, { protocols: [noting('echo'), noting('mysql')], envelopeKey });
  expect(answer).toMatchObject({ ok: true, report: { flavour: 'mysql' } });
});

it('a protocol that this gateway does not have is an answer with its own code', async () => {
  const mysql = noting('mysql');
  expect(await lookAtTarget({ ...REQUEST, protocol: 'gopher' }, { protocols: [mysql], envelopeKey })).toEqual({
    ok: false,
    code: 'protocol_unknown',
    detail: 'It is "gopher"; known are: mysql.',
    fields: {},
  });
  expect(mysql.asked).toEqual([]);
});

it('what the target refuses is an answer, with what is missing', async () => {
  const refusing = {
    name: 'mysql',
    inspect: () => Promise.reject(new BrokerError('target_privileges_missing', { fields: { missing: ['GRANT ALL'] } })),
  };
  expect(await lookAtTarget(REQUEST, { protocols: [refusing], envelopeKey })).toEqual({
    ok: false,
    code: 'target_privileges_missing',
    fields: { missing: ['GRANT ALL'] },
  });
});
