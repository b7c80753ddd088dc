import { fileURLToPath } from 'node:url';
import { Logger, Module } from '@nestjs/common';
import { BuiltPage } from './built-page.js';

/** Reads the page from dist/web once, when the api starts. */
@Module({
  providers: [{ provide: BuiltPage, useFactory: readPage }],
  exports: [BuiltPage],
})
export class BuiltPageModule {}

/** The API goes on without the page; who comes with a browser then gets a plain list of links. */
function readPage(): BuiltPage {
  const log = new Logger('Page');
  try {
    const page = BuiltPage.read(fileURLToPath(new URL('../../web/', import.meta.url)));
    if (page.build === null) {
      log.warn({ reason: 'dist/web has no index.html: only the programs were built' }, 'the web page is not served');
    }
    return page;
  } catch (error) {
    log.error({ err: error }, 'the web page is not served');
    return BuiltPage.none;
  }
}
