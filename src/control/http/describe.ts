import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';

/** What a route does, the status of success, and what comes back: for the OpenAPI document. */
export function Describe(summary: string, status: number, view?: z.ZodType) {
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ summary }),
    ApiResponse({
      status,
      description: STATUS_CODES[status] ?? '',
      ...(view === undefined ? {} : { standardSchema: view }),
    }),
  );
}
