import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { problemView } from '../../contracts/problem.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Serves the description of the API: `/openapi.json` for programs, `/docs` for people. */
export function serveOpenApi(app: INestApplication, version: string): void {
  SwaggerModule.setup('docs', app, () => openApiOf(app, version), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Doorwarden API',
  });
}

function openApiOf(app: INestApplication, version: string): OpenAPIObject {
  const head = new DocumentBuilder()
    .setTitle('Doorwarden')
    .setDescription('Just-in-time access to databases for AI agents. Errors are problem details with a stable code.')
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: dw_…' })
    .addSecurityRequirements('bearer')
    .build();
  return withProblems(SwaggerModule.createDocument(app, head));
}

/** Every call may answer with a problem; saying so on each route would drown what differs. */
function withProblems(document: OpenAPIObject): OpenAPIObject {
  const { $schema: _, ...problem } = z.toJSONSchema(problemView, { target: 'openapi-3.0', io: 'output' });
  const answer = {
    description: 'A problem (RFC 9457)',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation !== undefined) operation.responses = { ...operation.responses, default: answer };
    }
  }
  const schemas = { ...document.components?.schemas, Problem: JSON.parse(JSON.stringify(problem)) };
  return { ...document, components: { ...document.components, schemas } };
}
