import { ApiFailure } from '../../../client/api-failure.js';
import { Stopped, UsageFailure } from '../terminal/conventions.js';

const CHARACTERS_MAX = 4_096;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

/** The API key on standard input; at a terminal it is asked for and not shown. @throws UsageFailure, Stopped, ApiFailure */
export async function typedKey(): Promise<string> {
  const text = process.stdin.isTTY ? await hiddenLine('API key: ') : await pipedText();
  return keyIn(text);
}

/** A key in a text. @throws UsageFailure for something else, which is not told: it may be a secret */
export function keyIn(text: string): string {
  const key = text.trim();
  if (key === '') throw new UsageFailure('There is no API key on standard input.');
  if (key.startsWith('eyJ')) {
    throw new UsageFailure(
      'That is a token, which ends soon. Name a file that is written again: DOORWARDEN_TOKEN_FILE.',
    );
  }
  if (/^dw_[\w-]+$/.test(key)) return key;
  throw new UsageFailure('That is no API key: a key begins with dw_ and is one word.');
}

async function pipedText(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > CHARACTERS_MAX) throw new UsageFailure('Standard input is longer than any API key.');
  }
  return text;
}

/** A line that is typed without being shown. */
async function hiddenLine(question: string): Promise<string> {
  const { stdin, stderr } = process;
  // First: until then the terminal shows what is typed, and a key that is pasted at once would be seen.
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stderr.write(question);
  let line = '';
  try {
    for await (const chunk of stdin) {
      for (const letter of String(chunk)) {
        if (letter === CTRL_C || letter === CTRL_D) throw new Stopped('Nothing was done.');
        if (letter === '\r' || letter === '\n') return line;
        line = letter === '\u007f' || letter === '\b' ? line.slice(0, -1) : line + letter;
        if (line.length > CHARACTERS_MAX) throw new UsageFailure('That is longer than any API key.');
      }
    }
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
  throw new ApiFailure('The terminal was closed.', null);
}
