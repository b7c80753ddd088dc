import { protocolNamed } from '../../domain/protocol-named.js';
import { UNNAMED_PROTOCOL } from '../../domain/protocol-value.js';
import type { GatewayProtocol } from '../../gateway/gateway-protocol.js';
import type { EnvelopeKey } from '../../keys/envelope.js';
import type { InspectionRequest } from '../../persistence/entities/grants/target-inspection.js';
import type { InspectAnswer } from '../../queue/jobs.js';
import { jobFailureOf } from './job-failure.js';

export interface LookTools {
  readonly protocols: readonly Pick<GatewayProtocol, 'name' | 'inspect'>[];
  readonly envelopeKey: EnvelopeKey;
}

/** Looks at a target by the protocol that the request names. What fails is an answer, too: the one who asked waits for it. */
export async function lookAtTarget(
  request: InspectionRequest,
  { protocols, envelopeKey }: LookTools,
): Promise<InspectAnswer> {
  const { protocol = UNNAMED_PROTOCOL, targetId, host, port, tls, username, sealedPassword, ...asked } = request;
  const { credentials, defaultDatabase, ...limits } = asked;
  try {
    const spoken = protocolNamed(protocols, protocol);
    const password = await envelopeKey.open(sealedPassword, { targetId, host, port, tls, username });
    const login = { endpoint: { host, port, tls }, username, password };
    return { ok: true, report: await spoken.inspect(login, { credentials, defaultDatabase, limits }, new Date()) };
  } catch (error) {
    return jobFailureOf(error);
  }
}
