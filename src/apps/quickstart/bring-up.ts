import { mkdir, rm } from 'node:fs/promises';
import { connectApi } from '../../client/api-client.js';
import { migrate, startBroker } from './broker.js';
import { brokerEnvironment, type Environment, isConfigured, makeStateDatabase } from './environment.js';
import { type Evidence, gatherEvidence } from './evidence.js';
import { type AdminLogin, startMariadb } from './mariadb.js';
import { PATHS } from './paths.js';
import { type Keys, makeKeys, makeOperatorKey, makeSignInLink, principalNameOf } from './people.js';
import type { Processes } from './processes.js';
import { startRedis } from './redis.js';
import { expect, type Report } from './report.js';
import { makeShop, registerShop } from './shop.js';
import {
  APPROVER,
  linkPerson,
  type QuickstartSlack,
  seeAnswered,
  startQuickstartSlack,
} from './slack/quickstart-slack.js';
import type { LocalSlack } from './slack/start-slack.js';
import { carryTask } from './task.js';

/** A broker that serves, with all that came of the demo task. */
export interface Serving {
  readonly api: string;
  readonly keys: Keys;
  readonly admin: AdminLogin;
  readonly evidence: Evidence;
  /** What its processes and the command line have. */
  readonly env: Environment;
  /** Null unless it was asked for. */
  readonly slack: LocalSlack | null;
}

export interface BringUpOptions {
  /** Whether a local Slack is wanted. */
  readonly withSlack: boolean;
}

/** Statements of the demo task that people are asked about. */
const ASKED = 3;

const REMOVE = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 } as const;

/** Everything from nothing to a served broker whose demo task is sealed. @throws StepFailed */
export async function bringUp(report: Report, processes: Processes, { withSlack }: BringUpOptions): Promise<Serving> {
  // A killed quickstart's servers may still be writing their last bytes here.
  await Promise.all([rm(PATHS.run, REMOVE), rm(PATHS.logs, REMOVE)]);
  await Promise.all([PATHS.run, PATHS.logs].map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })));

  report.say('Servers');
  const [mariadb, redisUrl] = await Promise.all([bringMariadb(report, processes), bringRedis(report, processes)]);
  const local = withSlack ? await bringSlack(report) : undefined;
  const env = await report.step('State database', async (note) => {
    const databaseUrl = isConfigured('DATABASE_URL') ? undefined : await makeStateDatabase(mariadb);
    const environment = brokerEnvironment({ databaseUrl, redisUrl, slack: local?.environment ?? {} });
    note(await migrate(environment));
    return environment;
  });
  const operatorKey = await report.step('First operator', async (note) => {
    const key = await makeOperatorKey(env);
    note('a principal with a key, made at the command line');
    return key;
  });
  const api = await report.step('Broker', async (note) => {
    const address = await startBroker(processes, env);
    note(`api, gateway and worker are ready, the api at ${address}`);
    return address;
  });

  report.say('\nPeople and target');
  const keys = await report.step('Principals', async (note) => {
    const made = await makeKeys(api, operatorKey);
    note('beside the operator an approver, a reviewer and an agent, each with a key');
    return made;
  });
  const login = await report.step('Demo database', async (note) => {
    const made = await makeShop(mariadb);
    note(`four tables with rows, and the provisioning account ${made.username}`);
    return made;
  });
  await report.step(
    'Target',
    async (note) =>
      note(
        `registered, the gateway saw ${await registerShop(connectApi({ api, key: keys.operator }), mariadb, login)}`,
      ),
    { process: 'gateway' },
  );
  if (local !== undefined) await linkInSlack(report, local.slack, { api, env });

  report.say('\nOne task of an agent');
  const task = await carryTask(report, connectApi({ api, key: keys.agent }), connectApi({ api, key: keys.approver }));
  if (local !== undefined)
    await report.step('The local Slack has every question, with its outcome', () => seeAnswered(local.slack, ASKED), {
      process: 'worker',
    });
  report.say('\nIts evidence');
  const asReviewer = connectApi({ api, key: keys.reviewer });
  const evidence = await gatherEvidence(report, task, { asReviewer, admin: mariadb });
  return { api, keys, admin: mariadb, evidence, env, slack: local?.slack ?? null };
}

async function bringSlack(report: Report): Promise<QuickstartSlack> {
  return report.step('Local Slack', async (note) => {
    const started = await startQuickstartSlack();
    note(`a workspace on this machine at ${started.slack.url}`);
    return started;
  });
}

async function linkInSlack(
  report: Report,
  slack: LocalSlack,
  { api, env }: { readonly api: string; readonly env: Environment },
): Promise<void> {
  await report.step(
    'Link to Slack',
    async (note) => {
      const link = await makeSignInLink(api, env, 'approver');
      expect(link !== undefined, 'an identity provider signs people in: link yourself on your own page');
      await linkPerson(slack, { api, user: APPROVER, principal: principalNameOf('approver') }, link);
      note('the approver has sent the code of their own page from Slack');
    },
    { process: 'api' },
  );
}

async function bringMariadb(report: Report, processes: Processes): Promise<AdminLogin> {
  return report.step(
    'MariaDB',
    async (note) => {
      const { admin, version } = await startMariadb(processes);
      note(`${version} on ${admin.host}:${admin.port}`);
      return admin;
    },
    { process: 'mariadb' },
  );
}

/** The URL of a Redis of our own, or undefined when the user has configured one. */
async function bringRedis(report: Report, processes: Processes): Promise<string | undefined> {
  if (isConfigured('REDIS_URL')) return undefined;
  return report.step(
    'Redis',
    async (note) => {
      const { url, address, version } = await startRedis(processes);
      note(`${version} on ${address}`);
      return url;
    },
    { process: 'redis' },
  );
}
