import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { ROOT } from '../../paths.js';
import { readBody } from '../http-body.js';
import type { Acknowledgement } from '../interactions/delivery.js';
import type { LocalSlack } from '../start-slack.js';
import type { SlackMessage } from '../workspace/messages.js';
import type { PageReader } from './draw-messages.js';
import { drawChanges, drawPage } from './draw-page.js';

const BODY_BYTES_MAX = 64 * 1024;
const FOLDER = join(ROOT, 'src', 'apps', 'quickstart', 'slack', 'page');
const FILES: Readonly<Record<string, string>> = {
  '/page/slack.css': 'text/css; charset=utf-8',
  '/page/slack.js': 'text/javascript; charset=utf-8',
};
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** What people see and do, for a browser on this machine. */
export async function servePage(slack: LocalSlack, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', slack.url);
  // A page of another site must not act as people of this workspace, by whatever name it comes here.
  if (!isOfThisPage(slack, request)) return send(response, 403, 'text/plain', 'Open the page by its own address.');
  const reader = readerIn(slack, searchParams);
  if (request.method === 'POST') return act(slack, pathname, request, response);
  if (pathname === '/') return send(response, 200, 'text/html; charset=utf-8', drawPage(slack.workspace, reader).text);
  if (pathname === '/page/view')
    return send(response, 200, 'application/json', JSON.stringify(drawChanges(slack.workspace, reader)));
  if (pathname === '/page/changes') return tellChanges(slack, request, response);
  const type = FILES[pathname];
  if (type === undefined) return send(response, 404, 'text/plain', 'There is nothing here.');
  return send(response, 200, type, readFileSync(join(FOLDER, pathname.slice('/page/'.length)), 'utf8'));
}

function isOfThisPage({ url }: LocalSlack, { method, headers }: IncomingMessage): boolean {
  return headers.host === new URL(url).host && (method !== 'POST' || headers.origin === url);
}

/** The first person and channel, where the address names none that there are. */
function readerIn({ workspace }: LocalSlack, search: URLSearchParams): PageReader {
  const channels = workspace.parts.channels.map(({ id }) => id);
  const people = workspace.people.map(({ id }) => id);
  const chosen = (from: readonly string[], wanted: string | null): string =>
    from.find((id) => id === wanted) ?? from[0] ?? '';
  return { user: chosen(people, search.get('user')), channel: chosen(channels, search.get('channel')) };
}

/** An event without content after each change; the browser then asks what there is. */
function tellChanges({ workspace }: LocalSlack, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
  response.write('data: hello\n\n');
  const end = workspace.onChange(() => response.write('data: changed\n\n'));
  request.on('close', end);
}

async function act(slack: LocalSlack, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const given = new URLSearchParams((await readBody(request, BODY_BYTES_MAX)).toString('utf8'));
  const doIt = ACTS[path];
  if (doIt === undefined) return send(response, 404, 'text/plain', 'There is nothing here.');
  const trouble = await doIt(slack, given);
  return send(response, 200, 'application/json', JSON.stringify({ trouble }));
}

/** What a person does; the answer is what went wrong, in words, or null. */
type PageAct = (slack: LocalSlack, given: URLSearchParams) => Promise<string | null>;

const ACTS: Readonly<Record<string, PageAct>> = {
  '/page/click': async (slack, given) => {
    const message = messageIn(slack, given);
    if (message === undefined || String(message.edits) !== given.get('edits'))
      return 'The message has changed meanwhile.';
    const user = given.get('user') ?? '';
    return troubleOf(await slack.click({ user, message, action: given.get('action') ?? '' }));
  },
  '/page/submit': async (slack, given) => {
    const modal = slack.workspace.modals.find(given.get('modal') ?? '');
    if (modal === undefined) return 'The form is closed already.';
    const fields = [...new Set(given.keys())].filter((name) => name.startsWith('typed:'));
    const typed = Object.fromEntries(fields.map((name) => [name.slice(6), given.getAll(name).join('\n')]));
    try {
      return troubleOf(await slack.submit({ modal, typed }));
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
  '/page/dismiss': async (slack, given) => {
    const modal = slack.workspace.modals.find(given.get('modal') ?? '');
    if (modal !== undefined) await slack.dismiss(modal);
    return null;
  },
  '/page/hide': (slack, given) => {
    const message = messageIn(slack, given);
    if (message !== undefined && message.onlyFor !== null) slack.workspace.messages.remove(message);
    slack.workspace.changed();
    return Promise.resolve(null);
  },
  '/page/type': async (slack, given) => {
    const [user = '', channel = '', text = ''] = ['user', 'channel', 'text'].map((name) => given.get(name)?.trim());
    const { command } = slack.workspace.parts;
    if (text === '') return null;
    if (text === command || text.startsWith(`${command} `))
      return troubleOf(await slack.command(user, text.slice(command.length).trim(), { channel }));
    if (text.startsWith('/')) return `${text.split(' ')[0]} is not a command here. There is ${command}.`;
    const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const message = { channel, threadTs: null, author: user, text: escaped, blocks: [], metadata: null, onlyFor: null };
    slack.workspace.messages.add(message);
    slack.workspace.changed();
    return null;
  },
};

function messageIn({ workspace }: LocalSlack, given: URLSearchParams): SlackMessage | undefined {
  return workspace.messages.find(given.get('channel') ?? '', given.get('ts') ?? '');
}

/** As Slack says it to the person who clicked. */
function troubleOf({ status }: Acknowledgement): string | null {
  return status === 200 ? null : 'Doorwarden did not respond. Try again, or open the page.';
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type }).end(body);
}
