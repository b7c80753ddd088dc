import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../config/load.js';
import { publicUrlVariables } from '../../config/common.js';
import { emailVariables } from '../../config/email.js';
import { z } from 'zod';
import { type EmailSettings, emailSettingsOf } from './email-settings.js';

const SCHEMA = z.object({ ...emailVariables, ...publicUrlVariables });
const ENOUGH = { EMAIL_FROM: 'doorwarden@example.com', PUBLIC_URL: 'https://doorwarden.example.com' };

function settings(env: Readonly<Record<string, string>>): EmailSettings | undefined {
  return emailSettingsOf(loadConfig(SCHEMA, env));
}

function server(url: string, more: Readonly<Record<string, string>> = {}): EmailSettings['server'] | undefined {
  return settings({ ...ENOUGH, SMTP_URL: url, ...more })?.server;
}

describe('the settings of e-mail', () => {
  it('ask for nothing without a server', () => {
    expect(settings({})).toBeUndefined();
    expect(settings(ENOUGH)).toBeUndefined();
  });

  it('say by the scheme whether TLS begins at once, and by the host whether STARTTLS must be there', () => {
    expect(server('smtps://mail.example.com')).toEqual({
      host: 'mail.example.com',
      port: 465,
      tls: 'from-start',
      login: null,
    });
    expect(server('smtp://mail.example.com')).toMatchObject({ port: 587, tls: 'required' });
    expect(server('smtp://mail.example.com:25', { EMAIL_PLAIN: 'true' })).toMatchObject({ port: 25, tls: 'never' });
    expect(server('smtp://127.0.0.1:1025')).toMatchObject({ host: '127.0.0.1', port: 1025, tls: 'if-offered' });
    expect(server('smtp://[::1]:1025')).toMatchObject({ host: '::1', tls: 'if-offered' });
    expect(server('smtp://127.0.0.1.example.com')).toMatchObject({ tls: 'required' });
    expect(server('smtps://127.0.0.1', { EMAIL_PLAIN: 'true' })).toMatchObject({ tls: 'from-start' });
  });

  it('have a login with its escapes taken out', () => {
    expect(server('smtp://ann%40example.com:p%3Aw%2F@mail.example.com')).toMatchObject({
      login: { user: 'ann@example.com', password: 'p:w/' },
    });
  });

  it('have their times in milliseconds', () => {
    expect(settings({ ...ENOUGH, SMTP_URL: 'smtp://127.0.0.1' })).toMatchObject({
      gatherMs: 60_000,
      everyMs: 900_000,
      signedInMs: 30 * 86_400_000,
    });
  });

  it('say in one error all that is missing', () => {
    const problems = problemsOf({ SMTP_URL: 'smtp://127.0.0.1/path', EMAIL_FROM: 'x' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['EMAIL_FROM', 'PUBLIC_URL', 'SMTP_URL']);
  });

  it.each(['smtp://127.0.0.1/x', 'smtp://127.0.0.1?pool=true', 'smtp://ann@127.0.0.1', 'smtp://:secret@127.0.0.1'])(
    'refuse %s',
    (url) => {
      expect(problemsOf({ ...ENOUGH, SMTP_URL: url })).toHaveLength(1);
      expect(problemsOf({ ...ENOUGH, SMTP_URL: url }).join()).not.toContain('secret');
    },
  );
});

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    settings(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
