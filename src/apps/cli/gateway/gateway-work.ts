import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../../../client/api-client.js';
import { ApiFailure } from '../../../client/api-failure.js';
import { type GatewayView, gatewayList, gatewayView } from '../../../contracts/broker/gateway.js';
import { shownLine } from '../../../domain/visible-text.js';
import { apiOf } from '../api-option.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { confirm, runCommand, UsageFailure } from '../terminal/conventions.js';
import { printAnswer } from '../terminal/print-answer.js';
import { screenTable } from '../terminal/screen-table.js';

export interface DrainOptions extends AnswerOptions {
  readonly wait: boolean;
  readonly yes?: boolean;
}

const LOOK_EVERY_MS = 1_000;
/** A gateway that has not begun to drain by then does not do what it is asked. */
const BEGIN_MS_MAX = 30_000;
/** What it may take after the last moment for which it keeps grants: to end them, and to be missed. */
const END_MS_MAX = 60_000;

export async function list(options: AnswerOptions): Promise<void> {
  await run(options, async (api) => {
    const gateways = await api.get('/v1/gateways', gatewayList);
    printAnswer(options, gateways, () =>
      gateways.items.length === 0 ? 'No gateway is alive.' : table(gateways.items),
    );
  });
}

/** Asks for it and waits until the gateway has ended; anyone who stops waiting stops no drain. */
export async function drain(name: string | undefined, options: DrainOptions): Promise<void> {
  await run(options, async (api) => {
    const chosen = chosenOf(await gatewaysOf(api), name);
    const grants = chosen.reduce((sum, gateway) => sum + gateway.grants, 0);
    await confirm(
      `Drain ${namesOf(chosen)}? It takes no new grants. It ends its open grants (${grants}) when its DRAIN_SECONDS are over, and then itself.`,
      options,
    );
    const asked: GatewayView[] = [];
    for (const gateway of chosen) {
      const path = `/v1/gateways/${encodeURIComponent(gateway.name)}/drain`;
      asked.push(await api.post(path, undefined, gatewayView));
    }
    if (!options.wait) {
      printAnswer(options, { items: asked }, () => table(asked));
      return;
    }
    await untilEnded(api, asked);
    const drained = asked.map((gateway) => gateway.name);
    printAnswer(options, { drained }, () => `${namesOf(asked)} drained and ended.`);
  });
}

async function gatewaysOf(api: ApiClient): Promise<readonly GatewayView[]> {
  return (await api.get('/v1/gateways', gatewayList)).items;
}

/** The gateway of that name, and all that were started as its workers; without a name the only one there is. */
function chosenOf(gateways: readonly GatewayView[], name: string | undefined): readonly GatewayView[] {
  const alive = gateways.filter(({ state }) => state !== 'lost');
  const names = [...new Set(alive.map((gateway) => startedAs(gateway.name)))];
  if (alive.length === 0) throw new ApiFailure('No gateway is alive, so there is none to drain.', null);
  if (name === undefined && names.length > 1)
    throw new UsageFailure(`There are several gateways: ${names.join(', ')}. Name the one to drain.`);
  const chosen = alive.filter((gateway) => gateway.name === name || startedAs(gateway.name) === (name ?? names[0]));
  if (chosen.length === 0)
    throw new ApiFailure(`No gateway with that name is alive. Alive are: ${names.join(', ')}.`, null);
  return chosen;
}

/** `--workers` names its gateways `NAME#1`, `NAME#2` and so on. */
function startedAs(name: string): string {
  return name.replace(/#\d+$/, '');
}

/** @throws ApiFailure when one dies meanwhile, or does not go */
async function untilEnded(api: ApiClient, asked: readonly GatewayView[]): Promise<void> {
  const startedMs = Date.now();
  let told = '';
  for (;;) {
    const gateways = await gatewaysOf(api);
    const left = gateways.filter(({ id }) => asked.some((gateway) => gateway.id === id));
    if (left.length === 0) return;
    const lost = left.find(({ state }) => state === 'lost');
    if (lost !== undefined)
      throw new ApiFailure(`The gateway ${lost.name} died while it drained. The worker ends its grants.`, null);
    const untilMs = Math.max(...left.map((gateway) => lastMoment(gateway.drain?.until ?? null, startedMs)));
    if (Date.now() > untilMs)
      throw new ApiFailure(`${namesOf(left)} should have ended by now and has not. Read its log.`, null);
    const now = left.map(progressOf).join('\n');
    if (now !== told) process.stderr.write(`${now}\n`);
    told = now;
    await pause(LOOK_EVERY_MS);
  }
}

function lastMoment(until: string | null, startedMs: number): number {
  return until === null ? startedMs + BEGIN_MS_MAX : Date.parse(until) + END_MS_MAX;
}

function progressOf({ name, grants, drain }: GatewayView): string {
  const open = grants === 1 ? '1 grant is open' : `${grants} grants are open`;
  const end = typeof drain?.until === 'string' ? `, until ${drain.until} at the latest` : '';
  return shownLine(`${name} drains: ${open}${end}`);
}

function namesOf(gateways: readonly GatewayView[]): string {
  return gateways.map(({ name }) => shownLine(name)).join(', ');
}

function table(gateways: readonly GatewayView[]): string {
  const rows = gateways.map(({ name, state, grants, startedAt, drain }) => [
    name,
    state,
    String(grants),
    startedAt,
    drain?.until ?? '',
    drain?.askedBy ?? '',
  ]);
  return screenTable(['name', 'state', 'grants', 'started at', 'drains until', 'asked by'], rows);
}

async function run(options: AnswerOptions, work: (api: ApiClient) => Promise<void>): Promise<void> {
  await runCommand('gateway', () => work(apiOf(options, process.env)));
}
