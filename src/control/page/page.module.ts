import { Module } from '@nestjs/common';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { BuiltPageModule } from './built-page.module.js';
import { PageController } from './page.controller.js';

/** The web page that the api serves. */
@Module({ imports: [BuiltPageModule, SignInModule], controllers: [PageController] })
export class PageModule {}
