import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from './access.js';
import { errorPage } from './error-page.js';

@ApiExcludeController()
@Controller('docs')
export class DocsController {
  /** Where the `type` of a problem leads. */
  @Get('errors')
  @Public()
  @Header('Content-Type', 'text/html; charset=utf-8')
  errors(): string {
    return errorPage();
  }
}
