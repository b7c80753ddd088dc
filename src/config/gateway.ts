import { z } from 'zod';
import { isLoopback } from '../kernel/loopback.js';
import { envelopeKeyVariables, queueVariables, recordingVariables, stateVariables } from './common.js';
import { ConfigError, type Environment, loadConfig, metaOf } from './load.js';
import { oneOf, port, portRange, text, wholeNumber } from './variables.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;

export const gatewaySchema = z.object({
  ...stateVariables,
  ...queueVariables,
  ...recordingVariables,
  ...envelopeKeyVariables,
  GATEWAY_NAME: z.string().optional().meta({
    about:
      'Names this gateway; one that starts again under its name ends at once what it left when it died. Two that run need two names.',
    otherwise: 'the host name with a random part that is kept in KEYS_DIR',
  }),
  GATEWAY_LISTEN_HOST: text('127.0.0.1', 'The address on which the endpoints of grants listen.'),
  GATEWAY_PUBLIC_HOST: z.string().optional().meta({
    about: 'The host that agents are told to connect to.',
    otherwise: 'GATEWAY_LISTEN_HOST, unless that is every address (0.0.0.0)',
  }),
  GATEWAY_PORT_RANGE: portRange('33100-33999', 'The ports for endpoints, one for each grant that is active.'),
  GATEWAY_HEALTH_HOST: text('127.0.0.1', "The address of the gateway's health and metrics."),
  GATEWAY_HEALTH_PORT: port(8081, "The port of the gateway's health and metrics; 0 takes any free one."),
  GATEWAY_LEASE_SECONDS: wholeNumber(3, 3600, 30, {
    about: 'Seconds after which a gateway that stopped renewing counts as dead, and its grants are ended.',
  }),
  DRAIN_SECONDS: wholeNumber(0, 86_400, 60, {
    about:
      'Seconds for which a gateway that was told to stop (SIGTERM) keeps the grants that are open; it takes no new ones meanwhile. A supervisor that stops it must wait 30 seconds longer before it kills it.',
  }),
  GATEWAY_CLIENT_TLS: z.enum(['offered', 'required'], { error: 'must be one of offered, required' }).optional().meta({
    about: 'Whether clients may log in without TLS (offered) or not (required).',
    otherwise: 'offered when GATEWAY_LISTEN_HOST is this machine itself, else required',
  }),
  GATEWAY_OPEN_CONCURRENCY: wholeNumber(1, 1000, 16, { about: 'How many grants a gateway opens at the same time.' }),
  GATEWAY_BUSY_POLL_US: wholeNumber(0, 10_000, 100, {
    about:
      'Microseconds for which a gateway looks for more bytes before it sleeps, while bytes keep coming faster than that: answers come sooner, one processor is busy meanwhile. 0 for never, as on a machine with one processor.',
  }),
  GATEWAY_SOCKETS: oneOf(['direct', 'stream'], 'direct', {
    about:
      "How bytes of sessions are read and written: past Node.js's streams (direct), or by them alone (stream), which is slower and depends on nothing inside Node.js.",
  }),
  GATEWAY_VERDICTS_BY: oneOf(['shape', 'text'], 'shape', {
    about:
      'Which statements share a verdict while nothing changes: those that differ in their values only (shape), or the same text only (text), so that every other text is read and judged by itself, which is slower.',
  }),
  AUTHENTICATION_SECONDS: wholeNumber(1, 300, 10, { about: 'Seconds a client has to finish its login.' }),
  COMMAND_BYTES_MAX: wholeNumber(MIB, GIB, 64 * MIB, { about: 'The largest command a client may send, in bytes.' }),
  POLICY_STALE_SECONDS: wholeNumber(1, 3600, 5, {
    about:
      'Seconds without news of the policies after which nobody knows what is in force, and every statement is denied.',
  }),
  RECORDING_DURABILITY: oneOf(['process', 'disk'], 'process', {
    about:
      'What a statement waits for before it is forwarded: its entry survives the death of the process, or of the machine (disk; slower).',
  }),
  RECORDING_ENTRIES_AS: oneOf(['bytes', 'json'], 'bytes', {
    about:
      'How the entries of statements and results are written, the same bytes either way: put together byte by byte (bytes), or made by JSON.stringify (json), which is slower.',
  }),
  RECORDING_BYTES_PER_STATEMENT_MAX: wholeNumber(0, TIB, MIB, {
    about:
      'Bytes of a response that are kept; of a longer one the recording holds its beginning, its length and its hash.',
  }),
  RECORDING_BYTES_PER_GRANT_MAX: wholeNumber(MIB, TIB, GIB, {
    about: 'Bytes of responses that are kept under one grant; statements are always kept whole.',
  }),
  RECORDING_FREE_BYTES_MIN: wholeNumber(0, TIB, 64 * MIB, {
    about: 'Free bytes that RECORDINGS_DIR must have; with less, nothing is forwarded.',
  }),
});

/** Where one can listen, and where nobody can connect to. */
const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]', '*', '']);

type Given = Readonly<z.output<typeof gatewaySchema>>;

/** The gateway's settings, with those filled in that follow from others. */
export type GatewayConfig = Given & {
  readonly GATEWAY_PUBLIC_HOST: string;
  readonly GATEWAY_CLIENT_TLS: 'offered' | 'required';
};

/** @throws ConfigError */
export function loadGatewayConfig(env: Environment): GatewayConfig {
  const given = loadConfig(gatewaySchema, env);
  const publicHost = given.GATEWAY_PUBLIC_HOST ?? given.GATEWAY_LISTEN_HOST;
  if (ANY_ADDRESS.has(publicHost)) {
    throw new ConfigError([
      `GATEWAY_PUBLIC_HOST: ${given.GATEWAY_PUBLIC_HOST === undefined ? 'is missing' : 'must be a host that agents can connect to'}: nobody can connect to ${publicHost}. ${metaOf('GATEWAY_PUBLIC_HOST', gatewaySchema.shape.GATEWAY_PUBLIC_HOST).about}`,
    ]);
  }
  return Object.freeze({
    ...given,
    GATEWAY_PUBLIC_HOST: publicHost,
    // On the machine itself there is no path to protect; elsewhere a password must not travel in the clear.
    GATEWAY_CLIENT_TLS: given.GATEWAY_CLIENT_TLS ?? (isLoopback(given.GATEWAY_LISTEN_HOST) ? 'offered' : 'required'),
  });
}
