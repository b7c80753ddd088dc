import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../http/access.js';
import { CountsAs } from '../limits/counts-as.js';
import { ProviderCache } from '../providers/provider-cache.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';
import { MCP_SCOPE } from './mcp-door.js';

/** The metadata of an OAuth 2.0 protected resource (RFC 9728, section 2). */
interface ResourceMetadata {
  readonly resource: string;
  readonly resource_name: string;
  /** Absent where no issuer gives agents tokens: they use API keys. */
  readonly authorization_servers?: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly bearer_methods_supported: readonly string[];
}

/** What a client of the MCP server must know to get a token for it. */
@ApiExcludeController()
@Controller('.well-known/oauth-protected-resource')
@CountsAs('pages')
export class McpMetadataController {
  constructor(
    private readonly providers: ProviderCache,
    private readonly address: PublicAddress,
  ) {}

  /** Clients that found no address of it ask the one of the resource first, then this one of the whole host. */
  @Get(['', 'mcp'])
  @Public()
  async metadata(): Promise<ResourceMetadata> {
    const { providers } = await this.providers.read();
    const issuers = [...providers.values()]
      .filter(({ kind, purposes }) => kind === 'oidc' && purposes.includes('agents'))
      .map(({ settings }) => settings.issuer);
    return {
      resource: this.address.of('/mcp'),
      resource_name: 'Doorwarden',
      ...(issuers.length === 0 ? {} : { authorization_servers: [...new Set(issuers)].toSorted() }),
      scopes_supported: [MCP_SCOPE],
      bearer_methods_supported: ['header'],
    };
  }
}
