import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SLACK_ERRORS } from '../kernel/errors/slack-errors.js';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');
const page = read('docs', 'slack.md');
const named = (pattern: RegExp, text: string): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].map(([found]) => found))].toSorted();

describe('docs/slack.md', () => {
  it('names each setting of Slack, and no other', () => {
    const settings = /(?<=^#?)SLACK_[A-Z_]+(?==)/gm;
    const known = named(settings, read('.env.example'));
    expect(known.length).toBeGreaterThan(8);
    const told = named(/SLACK_[A-Z_]+[A-Z]/g, page).filter(
      (name) => !name.endsWith('_FILE') && !name.startsWith('LIMIT'),
    );
    expect(told.filter((name) => name !== 'SLACK_PER_MINUTE')).toEqual(known);
  });

  it('says what to do about each code', () => {
    const table = page.slice(page.indexOf('## When it does not work'));
    expect(named(/(?<=^\| `)slack_[a-z_]+(?=`)/gm, table)).toEqual(Object.keys(SLACK_ERRORS).toSorted());
  });

  it('has manifests for both ways, with the same scopes and the addresses that the api has', () => {
    const manifests = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    expect(manifests.length).toBe(2);
    const [http = '', socket = ''] = manifests;
    const scopes = (text: string) => named(/(?<=^ {6}- )[a-z:.]+$/gm, text);
    expect(scopes(http)).toEqual(['channels:history', 'chat:write', 'commands', 'groups:history', 'users:read']);
    expect(scopes(socket)).toEqual(scopes(http));
    expect(http).toContain('https://doorwarden.example.com/slack/interactivity');
    expect(http).toContain('https://doorwarden.example.com/slack/commands');
    expect(http).toContain('socket_mode_enabled: false');
    expect(socket).toContain('socket_mode_enabled: true');
    expect(socket).not.toContain('url:');
  });
});
