import { Module } from '@nestjs/common';
import { DeviceAuthorizations } from '../device-sign-in/device-authorizations.js';
import { DeviceController } from '../device-sign-in/device.controller.js';
import { OwnDevicesController } from '../device-sign-in/own-devices.controller.js';
import { IdentityModule } from '../identity/identity.module.js';
import { BuiltPageModule } from '../page/built-page.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { MappedAdmission } from '../providers/mapped-admission.js';
import { MappedPrincipals } from '../providers/mapped-principals.js';
import { Admission } from './providers/admission.js';
import { MeController } from './me/me.controller.js';
import { MeService } from './me/me.service.js';
import { SamlController } from './providers/saml.controller.js';
import { SamlSignIns } from './providers/saml-sign-ins.js';
import { OidcController } from './providers/oidc.controller.js';
import { OidcSignIns } from './providers/oidc-sign-ins.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInChoices } from './sign-in-choices.js';
import { SignInController } from './sign-in.controller.js';
import { SignInLinks } from './sign-in-links.js';
import { SignIns } from './sign-ins.js';
import { SignOut } from './sign-out.js';
import { SlackLinksModule } from '../slack/slack-links.module.js';

/** How people sign in and out, and what is theirs. */
@Module({
  imports: [IdentityModule, LimitsModule, BuiltPageModule, SlackLinksModule],
  controllers: [
    SignInController,
    OidcController,
    SamlController,
    MeController,
    SessionsController,
    DeviceController,
    OwnDevicesController,
  ],
  providers: [
    SignIns,
    OidcSignIns,
    SamlSignIns,
    SignInLinks,
    SignInChoices,
    SignOut,
    SessionsService,
    MeService,
    DeviceAuthorizations,
    {
      provide: Admission,
      inject: [MappedPrincipals],
      useFactory: (mapped: MappedPrincipals) => new MappedAdmission(mapped),
    },
  ],
  exports: [SignIns, SignInLinks, SignInChoices],
})
export class SignInModule {}
