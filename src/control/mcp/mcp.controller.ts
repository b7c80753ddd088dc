import { Controller, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type Caller, CurrentCaller, RequireAgent } from '../http/access.js';
import { CountsAs } from '../limits/counts-as.js';
import { McpExchanges } from './mcp-exchanges.js';

/** The MCP server of the api: one message of an agent in each call, over streamable HTTP. */
@ApiExcludeController()
@Controller('mcp')
@CountsAs('mcp')
export class McpController {
  constructor(private readonly exchanges: McpExchanges) {}

  @Post()
  @RequireAgent()
  message(@CurrentCaller() caller: Caller, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.exchanges.serve(caller, request, response);
  }
}
