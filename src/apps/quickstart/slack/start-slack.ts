import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LOOPBACK } from '../ports.js';
import { Faults } from './faults.js';
import { readBody } from './http-body.js';
import { type CommandOptions, Acts, type ButtonClick, type ModalSubmission } from './interactions/acts.js';
import { type Acknowledgement, Delivery, type DeliveryWay, type SignedCall } from './interactions/delivery.js';
import { Triggers } from './interactions/triggers.js';
import { SlackRefusal } from './refusal.js';
import { Connections } from './socket-mode/connections.js';
import type { Violations } from './violations.js';
import { Rates } from './web-api/rates.js';
import { type ApiCallNote, WebApi } from './web-api/web-api.js';
import type { SlackMessage } from './workspace/messages.js';
import { newId, type OpenModal } from './workspace/modals.js';
import { personOf, type SlackPerson } from './workspace/people.js';
import { type SlackChannel, Workspace, type WorkspaceParts } from './workspace/workspace.js';

/** What may be said of the workspace; the rest has values that fit together. */
export interface SlackOptions {
  readonly people?: readonly (Pick<SlackPerson, 'id' | 'name'> & Partial<SlackPerson>)[];
  readonly channels?: readonly (Pick<SlackChannel, 'id' | 'name'> & Partial<SlackChannel>)[];
  readonly scopes?: readonly string[];
  /** User groups that the app may mention. */
  readonly usergroups?: readonly string[];
  /** What the page calls them. */
  readonly usergroupNames?: Readonly<Record<string, string>>;
  /** Beginnings of addresses that the app may link to. */
  readonly links?: readonly string[];
  /** What `Retry-After` says when there were too many calls. */
  readonly retryAfterSeconds?: number;
  readonly nowMs?: () => number;
}

/** A workspace that stands in for Slack, on a free port of this machine. */
export interface LocalSlack {
  readonly url: string;
  /** For `SLACK_API_URL`. */
  readonly apiUrl: string;
  readonly teamId: string;
  readonly botUserId: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly workspace: Workspace;
  readonly violations: Violations;
  readonly faults: Faults;
  readonly connections: Connections;
  /** Every call of the Web API, the oldest first. */
  readonly calls: readonly ApiCallNote[];
  /** The messages of a channel as they are now, the oldest first; answers in threads are among them. */
  messages(channel: string): readonly SlackMessage[];
  /** What one person alone was told. */
  ephemerals(user: string): readonly SlackMessage[];
  modals(user: string): readonly OpenModal[];
  /** Where clicks and commands go. Until something is said, over Socket Mode. */
  deliverBy(way: DeliveryWay): void;
  click(click: ButtonClick): Promise<Acknowledgement>;
  submit(submission: ModalSubmission): Promise<Acknowledgement>;
  dismiss(modal: OpenModal): Promise<void>;
  command(user: string, text: string, options?: CommandOptions): Promise<Acknowledgement>;
  /** Sends the bytes of an earlier call again. */
  send(call: SignedCall): Promise<Acknowledgement>;
  /** Signs a form of any content. */
  sign: Delivery['signed'];
  /** Looks after each change until there is something. @throws Error when there is nothing after `msMax` */
  waitFor<T>(look: () => T | undefined, what: string, msMax?: number): Promise<T>;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 256 * 1024;
const WAIT_MS_MAX = 45_000;

/** @param page serves what people look at; without it there is only what apps call */
export async function startSlack(
  options: SlackOptions = {},
  page?: (slack: LocalSlack, request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<LocalSlack> {
  const workspace = new Workspace(partsOf(options));
  const server = createServer();
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const url = `http://${LOOPBACK}:${portOf(server)}`;
  const connections = new Connections(workspace);
  connections.listenAt(url);
  const triggers = new Triggers(workspace);
  const delivery = new Delivery(workspace, connections);
  const acts = new Acts(workspace, triggers, delivery, url);
  const faults = new Faults();
  const { nowMs } = workspace.parts;
  const rates = new Rates(nowMs, workspace.violations, options.retryAfterSeconds ?? 1);
  const webApi = new WebApi({ workspace, triggers, connections, url }, faults, rates);

  const slack = slackOf({ url, workspace, connections, delivery, acts, faults, webApi, server });
  server.on('request', (request, response) => {
    serve({ slack, webApi, acts, page }, request, response).catch((error: unknown) => {
      workspace.violations.note('arguments', error instanceof Error ? error.message : String(error));
      if (!response.headersSent) response.writeHead(400);
      response.end();
    });
  });
  server.on('upgrade', (request, socket) => {
    if (faults.isAway) socket.destroy();
    else connections.accept(request, socket);
  });
  return slack;
}

interface SlackParts {
  readonly url: string;
  readonly workspace: Workspace;
  readonly connections: Connections;
  readonly delivery: Delivery;
  readonly acts: Acts;
  readonly faults: Faults;
  readonly webApi: WebApi;
  readonly server: Server;
}

function slackOf({ url, workspace, connections, delivery, acts, faults, webApi, server }: SlackParts): LocalSlack {
  const { teamId, botUserId, botToken, appToken, signingSecret } = workspace.parts;
  return {
    url,
    apiUrl: `${url}/api/`,
    teamId,
    botUserId,
    botToken,
    appToken,
    signingSecret,
    workspace,
    connections,
    faults,
    violations: workspace.violations,
    calls: webApi.calls,
    messages: (channel) => workspace.messages.in(channel).filter(({ onlyFor }) => onlyFor === null),
    ephemerals: (user) =>
      workspace.parts.channels.flatMap(({ id }) => workspace.messages.in(id)).filter(({ onlyFor }) => onlyFor === user),
    modals: (user) => workspace.modals.ofUser(user),
    deliverBy: (way) => {
      delivery.way = way;
    },
    click: (click) => acts.click(click),
    submit: (submission) => acts.submit(submission),
    dismiss: (modal) => acts.dismiss(modal),
    command: (user, text, options) => acts.command(user, text, options),
    send: (call) => delivery.send(call),
    sign: (at, form, tampering) => delivery.signed(at, form, tampering),
    waitFor: (look, what, msMax = WAIT_MS_MAX) => workspace.waitFor(look, msMax, what),
    close: async () => {
      connections.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface ServingParts {
  readonly slack: LocalSlack;
  readonly webApi: WebApi;
  readonly acts: Acts;
  readonly page: ((slack: LocalSlack, request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined;
}

async function serve({ slack, webApi, acts, page }: ServingParts, request: IncomingMessage, response: ServerResponse) {
  const path = new URL(request.url ?? '/', slack.url).pathname;
  const isOfApp = path.startsWith('/api/') || path.startsWith('/response/');
  if (isOfApp && slack.faults.isAway) return void request.socket.destroy();
  if (path.startsWith('/api/')) return webApi.serve(path.slice('/api/'.length), request, response);
  if (path.startsWith('/response/')) return respond(acts, path, request, response);
  if (page !== undefined) return page(slack, request, response);
  response.writeHead(404).end();
}

async function respond(acts: Acts, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    acts.respond(path, JSON.parse((await readBody(request, BODY_BYTES_MAX)).toString('utf8')));
    response.writeHead(200).end('ok');
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    response.writeHead(404, { 'content-type': 'text/plain' }).end(error.code);
  }
}

function partsOf({ people = [], channels = [], ...options }: SlackOptions): WorkspaceParts {
  const teamId = newId('T');
  const secret = (): string => randomBytes(24).toString('hex');
  return {
    teamId,
    appId: newId('A'),
    botUserId: newId('U'),
    botToken: `xoxb-${secret()}`,
    appToken: `xapp-1-${secret()}`,
    signingSecret: secret().slice(0, 32),
    command: '/doorwarden',
    people: people.map((person) => personOf({ teamId, ...person })),
    channels: channels.map((channel) => ({ hasApp: true, isArchived: false, ...channel })),
    scopes: options.scopes ?? ['users:read', 'users:read.email', 'channels:history'],
    mrkdwn: { usergroups: options.usergroups ?? [], links: options.links ?? [] },
    usergroupNames: new Map(Object.entries(options.usergroupNames ?? {})),
    nowMs: options.nowMs ?? Date.now,
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}
