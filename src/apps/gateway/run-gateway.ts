import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { loadGatewayConfig, type GatewayConfig } from '../../config/gateway.js';
import { ApprovalSignals } from '../../messaging/approval-signals.js';
import { GrantSignals } from '../../messaging/grant-signals.js';
import { fittingEnvelopeKey } from '../../control/keys/stored-passwords.js';
import { commonConditions } from '../../health/conditions.js';
import { readinessOf } from '../../health/readiness.js';
import { serveHealth } from '../../health/serve-health.js';
import { createLog } from '../../kernel/log.js';
import { connectForListening } from '../../messaging/redis.js';
import { stopTakingJobs } from '../../messaging/stop-taking-jobs.js';
import { openQueues, openState } from '../../start/start.js';
import { StartError } from '../../start/start-error.js';
import { makeAuthority, openEndpointTls, type EndpointTls } from '../../gateway/certificate-authority.js';
import { BusyPoll } from '../../gateway/busy-poll.js';
import { DiskGuard } from '../../gateway/disk-guard.js';
import type { GatewayProtocol } from '../../gateway/gateway-protocol.js';
import { GrantKeeper } from '../../gateway/grant-keeper.js';
import { GrantOpener } from '../../gateway/grant-opener.js';
import { ServingProtocols } from '../../gateway/serving-protocols.js';
import { PortPool } from '../../gateway/port-pool.js';
import { OperationMeter } from '../../gateway/operation-meter.js';
import type { GatewayId } from '../../kernel/brand.js';
import { systemClock } from '../../kernel/clock.js';
import { readOrMakeKeyFile } from '../../keys/key-files.js';
import { DatabaseApprovalDesk } from '../../persistence/approvals/approval-desk.js';
import { GatewayNameTakenError, GatewayRepository } from '../../persistence/processes/gateway.repository.js';
import { DatabaseGrantAuthority } from '../../persistence/grants/grant-authority.js';
import { DatabasePolicySource } from '../../persistence/policies/policy-source.js';
import { PolicyRepository } from '../../persistence/policies/policy.repository.js';
import { PublishedKeyRepository } from '../../persistence/recordings/published-key.repository.js';
import { StateProbe } from '../../persistence/state/state-probe.js';
import { TargetInspectionRepository } from '../../persistence/targets/target-inspection.repository.js';
import { parseApprovalChange } from '../../queue/announcements.js';
import { approvalChannel, closeChannel, policyChannel } from '../../queue/jobs.js';
import { DirectoryRecordingStore } from '../../recording/stores/directory.js';
import { gatewayName } from './gateway-name.js';
import { startGatewayJobs } from './jobs.js';
import { GatewayMetrics } from './metrics.js';
import { drainingOf, roomForRecordings } from './readiness.js';
import { listenForShutdown } from './shutdown-signals.js';
import { Shutdown } from './shutdown.js';
import { warnOfNearMisses } from '../near-misses-warning.js';
import { recordedBy, type TargetProtocol, vocabulariesOf } from '../../protocol/target-protocol.js';

const TARGET_CONNECT_MS = 5_000;
/** What a client may send ahead of the answer it waits for. */
const PIPELINED_BYTES_MAX = 1024 * 1024;
const STOP_MS_MAX = 20_000;
/** Questions of one grant: an agent that asks for more is not helped by people. */
const APPROVALS = { pendingMax: 32, totalMax: 1_000 };

/**
 * Runs a gateway that serves targets of these protocols until it is told to stop. `protocols` say what policies may speak
 * of.
 * @throws ConfigError, OperatorError what it cannot start with
 */
export async function runGateway(
  protocols: readonly TargetProtocol[],
  gatewayProtocols: readonly GatewayProtocol[],
): Promise<void> {
  const config = loadGatewayConfig(process.env);
  const log = createLog('gateway', config.LOG_LEVEL);
  warnOfNearMisses(log);
  const health = await serveHealth({
    host: config.GATEWAY_HEALTH_HOST,
    port: config.GATEWAY_HEALTH_PORT,
    settings: 'GATEWAY_HEALTH_HOST and GATEWAY_HEALTH_PORT',
  });
  const [source, queues] = await Promise.all([openState(config, log), openQueues(config, log)]);
  const envelopeKey = await fittingEnvelopeKey(config, source);
  await new PublishedKeyRepository(source).publish({
    kid: envelopeKey.publicJwk.kid,
    purpose: 'envelope',
    jwk: envelopeKey.publicJwk,
    createdAtMs: systemClock.nowMs(),
  });
  mkdirSync(config.RECORDINGS_DIR, { recursive: true, mode: 0o700 });
  const disk = await DiskGuard.start(config.RECORDINGS_DIR, config.RECORDING_FREE_BYTES_MIN);
  const tls = await endpointTls(config);
  const signals = new GrantSignals(queues.redis, config.QUEUE_PREFIX, log);
  const store = new DirectoryRecordingStore(config.RECORDINGS_DIR);
  const policies = await DatabasePolicySource.start({
    repository: new PolicyRepository(source),
    vocabularies: vocabulariesOf(protocols),
    clock: systemClock,
    staleSeconds: config.POLICY_STALE_SECONDS,
    log,
  });
  const meter = new OperationMeter();
  const approvalSignals = new ApprovalSignals(queues, config.QUEUE_PREFIX, log);
  const desk = new DatabaseApprovalDesk({
    dataSource: source,
    clock: systemClock,
    limits: APPROVALS,
    announce: (id, state) => approvalSignals.changed(id, state),
    requestJobs: (asked) => approvalSignals.asked(asked),
    requestNotice: (id) => approvalSignals.updated(id),
  });
  // Before it is listened for jobs: what the protocols start takes its time, and no grant waits for that.
  const serving = new ServingProtocols(gatewayProtocols, {
    policies,
    desk,
    clock: systemClock,
    log,
    tls,
    tlsRequired: config.GATEWAY_CLIENT_TLS === 'required',
    limits: {
      commandBytesMax: config.COMMAND_BYTES_MAX,
      pipelinedBytesMax: PIPELINED_BYTES_MAX,
      authenticationMs: config.AUTHENTICATION_SECONDS * 1000,
      targetConnectMs: TARGET_CONNECT_MS,
    },
    poll: new BusyPoll({
      windowUs: availableParallelism() > 1 ? config.GATEWAY_BUSY_POLL_US : 0, // the only processor is the target's, too
      monotonicUs: () => systemClock.monotonicUs(),
      runSoon: setImmediate,
    }),
    tricks: { sockets: config.GATEWAY_SOCKETS, verdictsBy: config.GATEWAY_VERDICTS_BY },
  });
  const listening = connectForListening(config.REDIS_URL, log);
  const taking = connectForListening(config.REDIS_URL, log);
  await Promise.all([listening.connect(), taking.connect()]);
  const shutdown = new Shutdown({ clock: systemClock, drainMs: config.DRAIN_SECONDS * 1000, log });
  const gateways = new GatewayRepository(source);
  const gatewayId = await claimName(gateways, config);
  const authority = new DatabaseGrantAuthority({
    dataSource: source,
    envelopeKey,
    clock: systemClock,
    leaseSeconds: config.GATEWAY_LEASE_SECONDS,
    announce: (id, state) => signals.changed(id, state),
    requestSeal: (id) => {
      queues.add('worker', { name: 'seal', grantId: id }, { jobId: `seal-${id}` }).catch((error: unknown) => {
        log.warn({ grant: id, err: error }, 'the worker was not asked to seal; it looks by itself');
      });
    },
  });
  const opener = new GrantOpener({
    gatewayId,
    authority,
    protocols: serving,
    ports: new PortPool(config.GATEWAY_LISTEN_HOST, config.GATEWAY_PORT_RANGE),
    clock: systemClock,
    disk,
    meter,
    recordings: {
      liveDirectory: (id) => store.liveDirectory(id),
      durability: config.RECORDING_DURABILITY,
      entriesAs: config.RECORDING_ENTRIES_AS,
      limits: {
        responseBytesPerStatementMax: config.RECORDING_BYTES_PER_STATEMENT_MAX,
        responseBytesPerGrantMax: config.RECORDING_BYTES_PER_GRANT_MAX,
      },
      discard: (id) => rm(store.liveDirectory(id), { recursive: true, force: true }),
      protocols: recordedBy(protocols),
    },
    log,
  });
  const keeper = new GrantKeeper({
    gatewayId,
    publicHost: config.GATEWAY_PUBLIC_HOST,
    caPem: tls.caPem,
    leaseMs: config.GATEWAY_LEASE_SECONDS * 1000,
    authority,
    opener,
    clock: systemClock,
    log,
    drainMsLeft: () =>
      shutdown.drainUntilMs === undefined ? null : Math.max(0, shutdown.drainUntilMs - systemClock.nowMs()),
    onDrainAsked: (by) => shutdown.drain(by),
    onLeaseLost: () => process.exit(1),
  });

  const channels = {
    [closeChannel(config.QUEUE_PREFIX, gatewayId)]: () => keeper.look(),
    [policyChannel(config.QUEUE_PREFIX)]: () => void policies.look(),
    [approvalChannel(config.QUEUE_PREFIX)]: (message: string) => {
      const change = parseApprovalChange(message);
      if (change !== undefined && change.state !== 'pending') desk.wake(change.id);
    },
  };
  await listening.subscribe(...Object.keys(channels));
  listening.on('message', (channel: string, message: string) => channels[channel]?.(message));
  listening.on('ready', () => desk.wakeAll()); // messages were lost while it was away
  const jobs = startGatewayJobs({
    redis: taking,
    prefix: config.QUEUE_PREFIX,
    concurrency: config.GATEWAY_OPEN_CONCURRENCY,
    keeper,
    protocols: gatewayProtocols,
    envelopeKey,
    inspections: new TargetInspectionRepository(source),
  });
  jobs.on('error', () => {}); // the connection tells the log itself

  const conditions = { ...commonConditions(new StateProbe(source), queues), recordings: roomForRecordings(disk) };
  health.says({
    readiness: () => readinessOf(conditions, drainingOf(shutdown, keeper)),
    metrics: new GatewayMetrics({
      grants: () => keeper.grantCount,
      sessions: () => keeper.sessionCount,
      isDraining: () => shutdown.drainUntilMs !== undefined,
      recordedBytes: () => keeper.recordedBytes,
      leaseAgeSeconds: () => keeper.leaseAgeMs / 1000,
      certificateEndsMs: tls.endsMs,
      meter,
    }),
  });
  log.info({ ...health.address, gateway: gatewayId }, 'listening');

  const end = async (): Promise<void> => {
    log.info({ grants: keeper.grantCount }, 'stopping: the grants that are open are ended');
    await stopTakingJobs(jobs);
    await keeper.stop(STOP_MS_MAX);
    await gateways.stop(gatewayId).catch((error: unknown) => log.warn({ err: error }, 'the lease was not given back'));
    health.server.close();
    policies.close();
    await serving.close();
    disk.close();
    await queues.close();
    listening.disconnect();
    taking.disconnect();
    await source.destroy();
    log.info('stopped');
    process.exit(0);
  };
  shutdown.ready({ stopTaking: () => stopTakingJobs(jobs), untilEmpty: () => keeper.untilEmpty(), end });
  listenForShutdown(shutdown);
}

/** Claimed when everything else is ready: what cannot start touches no other gateway. @throws StartError */
async function claimName(gateways: GatewayRepository, config: GatewayConfig): Promise<GatewayId> {
  const name = gatewayName(config);
  try {
    return await gateways.start(name, config.GATEWAY_LEASE_SECONDS);
  } catch (cause) {
    if (!(cause instanceof GatewayNameTakenError)) throw cause;
    throw new StartError(
      `Another gateway that is alive has the name ${JSON.stringify(name)}. Stop that one first, or give this one another GATEWAY_NAME.`,
      { cause },
    );
  }
}

async function endpointTls(config: GatewayConfig): Promise<EndpointTls> {
  const now = new Date();
  const candidate = await makeAuthority(now);
  const authority = readOrMakeKeyFile(join(config.KEYS_DIR, 'endpoint-ca.pem'), () => candidate);
  return openEndpointTls(authority, config.GATEWAY_PUBLIC_HOST, now);
}
