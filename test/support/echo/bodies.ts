import { z } from 'zod';

/** What stands under `body` in lines that were sent, and in their answers. */
export const lineBody = z.strictObject({ line: z.string() });
export const answerBody = z.strictObject({ answer: z.string() }).optional();
