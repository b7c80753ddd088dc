import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { PROTOCOLS } from '../modules/tokens.js';
import { CountsAs } from '../limits/counts-as.js';
import { Public } from './access.js';
import { errorPage } from './error-page.js';

@ApiExcludeController()
@Controller('docs')
@CountsAs('pages')
export class DocsController {
  constructor(@Inject(PROTOCOLS) private readonly protocols: readonly TargetProtocol[]) {}

  /** Where the `type` of a problem leads. */
  @Get('errors')
  @Public()
  @Header('Content-Type', 'text/html; charset=utf-8')
  errors(): string {
    return errorPage(this.protocols);
  }
}
