import { randomBytes } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

const NONCE_BYTES = 18;
const STRICT_TRANSPORT_SECONDS = 365 * 24 * 3600;
/** Abilities of browsers that no page of ours needs. */
const ABILITIES = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'usb',
  'xr-spatial-tracking',
];
/** Swagger's page writes styles into itself, and must not be held to Trusted Types. */
const DOCS_POLICY = policyText({
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'form-action': "'none'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
});
const ANSWER_POLICY = policyText({ 'default-src': "'none'", 'base-uri': "'none'", 'frame-ancestors': "'none'" });

/**
 * What every answer says to browsers: keep nothing, be framed by nobody, load nothing, tell no other site from where
 * somebody came. Pages loosen it by {@link allowPage}.
 */
export function safeHeaders({ hasTls }: { readonly hasTls: boolean }): readonly RequestHandler[] {
  const standard = helmet({
    contentSecurityPolicy: false, // written out below: it differs between pages
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    hsts: hasTls && { maxAge: STRICT_TRANSPORT_SECONDS, includeSubDomains: false },
  });
  return [standard, ownHeaders];
}

function ownHeaders({ path }: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Permissions-Policy', ABILITIES.map((ability) => `${ability}=()`).join(', '));
  response.setHeader('Content-Security-Policy', /^\/docs(\/|$)/i.test(path) ? DOCS_POLICY : ANSWER_POLICY);
  next();
}

export interface PagePolicy {
  /** Origins to which a form of the page may be sent besides the broker itself: single sign-on addresses of SAML providers. */
  readonly formTargets?: readonly string[];
  /** The one Trusted Types policy that its scripts may make; none otherwise. */
  readonly trustedTypes?: string;
  /** Whether it may start workers, of files of the broker. */
  readonly workers?: boolean;
}

/** Lets the answer be a page with styles of its own, which carry the nonce that comes back. Scripts come as files alone. */
export function allowPage(
  response: Response,
  { formTargets = [], trustedTypes = "'none'", workers = false }: PagePolicy = {},
): string {
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  response.setHeader(
    'Content-Security-Policy',
    policyText({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': `'self' 'nonce-${nonce}'`,
      'img-src': "'self' data:",
      'font-src': "'self'",
      'connect-src': "'self'",
      ...(workers ? { 'worker-src': "'self'" } : {}),
      'form-action': ["'self'", ...formTargets.map((target) => new URL(target).origin)].join(' '),
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
      'require-trusted-types-for': "'script'",
      'trusted-types': trustedTypes,
    }),
  );
  return nonce;
}

function policyText(directives: Readonly<Record<string, string>>): string {
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ');
}
