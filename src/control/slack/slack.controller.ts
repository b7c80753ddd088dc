import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { BrokerError } from '../../kernel/errors.js';
import { Public } from '../http/access.js';
import { CountsAs } from '../limits/counts-as.js';
import { readFormBody } from '../sign-in/browser/form-body.js';
import type { Acknowledgement, SlackReceiver } from './slack-receiver.js';
import type { SlackService } from './slack.service.js';
import { SLACK_SERVICE } from './slack-tokens.js';

const BODY_BYTES_MAX = 102_400;

/** Where Slack calls. What Slack has not signed learns nothing, and nobody is known here by a cookie. */
@ApiExcludeController()
@Controller('slack')
@CountsAs('pages')
export class SlackController {
  constructor(@Inject(SLACK_SERVICE) private readonly receiving: SlackService | null) {}

  @Post('interactivity')
  @Public()
  async interactivity(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.#take(request, response, async (fields, receiver) => {
      const [payload, ...more] = fields.getAll('payload');
      if (payload === undefined || more.length > 0) return fields.has('ssl_check') ? { status: 200 } : { status: 400 };
      return receiver.take(payload);
    });
  }

  @Post('commands')
  @Public()
  async commands(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.#take(request, response, async (fields, receiver) => {
      if (fields.has('ssl_check')) return { status: 200 };
      return receiver.takeCommand(Object.fromEntries(fields));
    });
  }

  async #take(
    request: Request,
    response: Response,
    take: (fields: URLSearchParams, receiver: SlackReceiver) => Promise<Acknowledgement>,
  ): Promise<void> {
    const { receiving } = this;
    if (receiving?.takesHttp !== true) throw new BrokerError('route_not_found');
    const body = await readFormBody(request, BODY_BYTES_MAX);
    if (body === 'no form') return end(response, 415);
    if (body === 'too large') return end(response.setHeader('Connection', 'close'), 413);
    const timestamp = request.header('X-Slack-Request-Timestamp');
    const signature = request.header('X-Slack-Signature');
    if (!receiving.isSigned({ timestamp, signature, body })) return end(response, 401);
    const told = await take(new URLSearchParams(body.toString('utf8')), receiving.receiver);
    if (told.body === undefined) end(response, told.status);
    else response.status(told.status).json(told.body);
    if (told.work !== undefined) receiving.begin(told.work);
  }
}

function end(response: Response, status: number): void {
  response.status(status).end();
}
