import { Module } from '@nestjs/common';
import { MappedAdmission } from '../providers/mapped-admission.js';
import { MappedPrincipals } from '../providers/mapped-principals.js';
import { Admission } from './admission.js';
import { SignIns } from './sign-ins.js';

/** How people sign in. */
@Module({
  providers: [
    SignIns,
    {
      provide: Admission,
      inject: [MappedPrincipals],
      useFactory: (mapped: MappedPrincipals) => new MappedAdmission(mapped),
    },
  ],
  exports: [SignIns],
})
export class SignInModule {}
