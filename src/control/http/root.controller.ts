import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { CountsAs } from '../limits/counts-as.js';
import { Public } from './access.js';

/** Where somebody begins who has nothing but the address. */
const ROOT = {
  name: 'Doorwarden',
  about: 'Just-in-time access to databases for AI agents: one task, one grant, one account, one sealed recording.',
  links: {
    docs: '/docs',
    openapi: '/openapi.json',
    errors: '/docs/errors',
    live: '/health/live',
    ready: '/health/ready',
    metrics: '/metrics',
  },
  firstSteps: [
    'Get an API key from an operator, and send it as `Authorization: Bearer <key>`.',
    'GET /v1/targets lists the databases that you can ask for.',
    'POST /v1/grants with {"target", "task": {"title"}, "ttlSeconds"} asks for a grant; the answer has the connection.',
    'Connect with any MySQL client. A change waits for a person; the client sees a slow statement.',
    'POST /v1/grants/{id}/close ends the task.',
  ],
} as const;

@ApiExcludeController()
@Controller()
@CountsAs('pages')
export class RootController {
  @Get()
  @Public()
  root(): typeof ROOT {
    return ROOT;
  }
}
