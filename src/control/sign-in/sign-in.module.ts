import { Module } from '@nestjs/common';
import { Admission, NoAdmission } from './admission.js';
import { SignIns } from './sign-ins.js';

/** How people sign in. */
@Module({
  providers: [SignIns, { provide: Admission, useClass: NoAdmission }],
  exports: [SignIns],
})
export class SignInModule {}
