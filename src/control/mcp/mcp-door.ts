import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import type { ApiConfig } from '../../config/api.js';
import { BrokerError } from '../../kernel/errors.js';
import { protectAs } from '../http/challenge.js';
import { API_CONFIG } from '../modules/tokens.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';

/** What a token for the MCP server must be good for, where its issuer knows scopes. */
export const MCP_SCOPE = 'doorwarden.agent';
/** Where the metadata of the MCP server as a protected resource is (RFC 9728 3.1: the resource's path goes to the end). */
export const MCP_METADATA_PATH = '/.well-known/oauth-protected-resource/mcp';

const PREFLIGHT_SECONDS = 600;

/**
 * Stands before the MCP server and its metadata, before anybody knows who calls. A page in a browser gets in only from an
 * origin that the operator named (https://modelcontextprotocol.io/specification/2026-07-28/basic/transports, "Security
 * warning"); cookies do not count, so that no browser calls for the person who is signed in in it.
 */
@Injectable()
export class McpDoor implements NestMiddleware {
  constructor(
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    private readonly address: PublicAddress,
  ) {}

  use(request: Request, response: Response, next: NextFunction): void {
    protectAs(response, { metadata: this.address.of(MCP_METADATA_PATH), scope: MCP_SCOPE });
    delete request.headers.cookie;
    const { origin } = request.headers;
    if (origin !== undefined) {
      if (!this.config.MCP_ORIGINS.includes(origin)) throw new BrokerError('mcp_origin_refused');
      allowOrigin(response, origin);
      if (request.method === 'OPTIONS') return answerPreflight(request, response);
    }
    next();
  }
}

function allowOrigin(response: Response, origin: string): void {
  response.vary('Origin');
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', 'WWW-Authenticate, X-Request-Id, Retry-After');
}

/** A browser asks whether its page may send headers such as Authorization; there is nothing else to find out here. */
function answerPreflight(request: Request, response: Response): void {
  const wanted = request.header('Access-Control-Request-Headers');
  if (wanted !== undefined) response.setHeader('Access-Control-Allow-Headers', wanted);
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST');
  response.setHeader('Access-Control-Max-Age', String(PREFLIGHT_SECONDS));
  response.status(204).end();
}
