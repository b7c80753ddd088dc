import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type KeySetView, keySetView } from '../../contracts/recordings/key.js';
import { RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { KeysService } from './keys.service.js';

@ApiTags('recordings')
@Controller('v1/keys')
@CountsAs('calls')
export class KeysController {
  constructor(private readonly keys: KeysService) {}

  @Get()
  @RequirePermission('key.read')
  @Describe('The public keys of all seals, those that were replaced too', 200, keySetView)
  list(): Promise<KeySetView> {
    return this.keys.list();
  }
}
