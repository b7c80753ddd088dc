import { z } from 'zod';

/** Every error of the API (RFC 9457), as `application/problem+json`. Some codes carry further fields. */
export const problemView = z
  .looseObject({
    type: z.string().meta({ description: 'Where the code is explained, relative to the API.' }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable; the list is in docs/errors.md.' }),
    detail: z.string().optional().meta({ description: 'A sentence about this very case.' }),
    next: z.string().meta({ description: 'What to do about it.' }),
    instance: z.string().meta({ description: 'The path of the call.' }),
    requestId: z.string().meta({ description: 'Also in the header X-Request-Id, and in the log of the broker.' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'What does not fit, when the code is request_invalid.' }),
  })
  .meta({ id: 'Problem' });
export type ProblemView = z.infer<typeof problemView>;
