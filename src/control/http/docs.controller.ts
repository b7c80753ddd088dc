import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { PROTOCOLS } from '../modules/tokens.js';
import { CountsAs } from '../limits/counts-as.js';
import { Public } from './access.js';
import { errorPage } from './error-page.js';
import { allowPage } from './safe-headers.js';

@ApiExcludeController()
@Controller('docs')
@CountsAs('pages')
export class DocsController {
  constructor(@Inject(PROTOCOLS) private readonly protocols: readonly TargetProtocol[]) {}

  /** Where the `type` of a problem leads. */
  @Get('errors')
  @Public()
  @Header('Content-Type', 'text/html; charset=utf-8')
  errors(@Res({ passthrough: true }) response: Response): string {
    return errorPage(this.protocols, allowPage(response));
  }
}
