import { shownLines } from '../../../domain/visible-text.js';
import { apiOf } from '../api-option.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { runCommand } from '../terminal/conventions.js';
import { jsonText } from '../terminal/json-text.js';
import { endWithReader } from '../terminal/print-answer.js';
import { APPLY_KINDS, type ApplyKind } from './apply-kinds.js';
import { documentsOf } from './apply-plan.js';
import { type WrittenDocument, yamlText } from './text-of-document.js';

export interface ExportOptions extends AnswerOptions {
  readonly kind?: readonly ApplyKind[];
}

/** Prints documents; `apply` finds nothing to do with them. */
export async function exportAll(options: ExportOptions): Promise<void> {
  await runCommand('export', async () => {
    const api = apiOf(options, process.env);
    const documents: WrittenDocument[] = [];
    for (const kind of APPLY_KINDS.filter((one) => options.kind?.includes(one) ?? true)) {
      const found = await documentsOf(kind, api);
      documents.push(
        ...found.map(({ name, spec }) => (kind === 'IdentityMapping' ? { kind, spec } : { kind, name, spec })),
      );
    }
    const text = options.json === true ? `${jsonText(documents)}\n` : documents.map(yamlText).join('---\n');
    endWithReader();
    process.stdout.write(process.stdout.isTTY ? shownLines(text) : text);
  });
}
