import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { problemView } from '../../contracts/problem.js';
import { ERROR_TABLE, type ErrorCode } from '../../kernel/errors/error-table.js';
import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { DESCRIPTION_PATHS, DescriptionAccess } from './description-access.js';
import { COMMON_ERRORS, OPERATIONS } from './operations-table.js';
import { protocolSchemas } from './protocol-schemas.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Serves the description of the API to those who may read it: `/openapi.json` for programs, `/docs` for people. */
export function serveOpenApi(app: INestApplication, version: string, protocols: readonly TargetProtocol[]): void {
  const access = app.get(DescriptionAccess);
  app.use([...DESCRIPTION_PATHS], access.guard.bind(access));
  SwaggerModule.setup('docs', app, () => openApiOf(app, version, protocols), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Doorwarden API',
  });
}

function openApiOf(app: INestApplication, version: string, protocols: readonly TargetProtocol[]): OpenAPIObject {
  const head = new DocumentBuilder()
    .setTitle('Doorwarden')
    .setDescription('Just-in-time access to databases for AI agents. Errors are problem details with a stable code.')
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: dw_…' })
    .addSecurityRequirements('bearer')
    .build();
  return withNotes(SwaggerModule.createDocument(app, head), protocols);
}

/** Names the calls, and says of each what may go wrong with it; examples where a body is sent. */
function withNotes(document: OpenAPIObject, protocols: readonly TargetProtocol[]): OpenAPIObject {
  const { $schema: _, ...problem } = z.toJSONSchema(problemView, { target: 'openapi-3.0', io: 'output' });
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = operations[method];
      if (operation === undefined) continue;
      const notes = OPERATIONS[`${method.toUpperCase()} ${path}`];
      operation.responses = { ...operation.responses, default: problemsOf(notes?.errors ?? []) };
      if (notes === undefined) continue;
      operation.operationId = notes.id;
      giveExample(operation.requestBody, notes.request);
      for (const [status, response] of Object.entries(operation.responses)) {
        if (status.startsWith('2')) giveExample(response, notes.response);
      }
    }
  }
  const schemas = {
    ...document.components?.schemas,
    ...protocolSchemas(protocols),
    Problem: JSON.parse(JSON.stringify(problem)),
  };
  return { ...document, components: { ...document.components, schemas } };
}

/** One answer for everything that is no success; what the codes mean stands in its description. */
function problemsOf(own: readonly ErrorCode[]) {
  const codes = [...own, ...COMMON_ERRORS];
  const lines = codes.map((code) => `- \`${code}\` (${ERROR_TABLE[code].httpStatus}): ${ERROR_TABLE[code].title}`);
  return {
    description: `A problem (RFC 9457). Its \`code\` is one of these, or another of /docs/errors:\n\n${lines.join('\n')}`,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    'x-error-codes': codes,
  };
}

function giveExample(body: unknown, example: unknown): void {
  if (example === undefined || typeof body !== 'object' || body === null || !('content' in body)) return;
  const media: unknown = Reflect.get(Object(body.content), 'application/json');
  if (typeof media === 'object' && media !== null) Object.assign(media, { example });
}
