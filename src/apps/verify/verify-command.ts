import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { shownJson, shownLine } from '../../domain/visible-text.js';
import { isFields } from '../../verifier/shape.js';
import type { ListedKey } from '../../verifier/signature.js';
import { VerifierError, type UncheckedPart, type Verdict } from '../../verifier/verdict.js';
import { verifyRecording, type VerifyOptions } from '../../verifier/verify.js';
import { fileSource } from './file-source.js';

/** As `doorwarden verify` has them. */
export const EXIT = { done: 0, failed: 1, usage: 2, damaged: 3 } as const;

/** Where the program writes; the terminal, or a test. */
export interface ProgramOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const USAGE = `Usage: node verify.mjs FILE [--keys keys.json] [--grant ID] [--json]

Checks a sealed recording of Doorwarden offline: every byte, the chain, the seal. It is this one file, and needs Node.js 20
or newer and nothing else.

  --keys   the broker's public keys, as GET /v1/keys gives them; without them it does not know who signed
  --grant  the grant whose recording it must be
  --json   print what was found as JSON

Exit codes: 0 it holds, 1 it does not, 2 it could not be looked at, 3 it holds, and says that it was damaged before it was
sealed.
`;

/** What was asked for makes no sense, or names what cannot be read. */
class Unusable extends Error {}

/** Does what the program does and gives its exit code. */
export async function runVerifier(args: readonly string[], output: ProgramOutput): Promise<number> {
  try {
    const asked = readArguments(args);
    if (asked === undefined) {
      output.out(USAGE);
      return EXIT.done;
    }
    const verdict = await verifyFile(asked.file, {
      ...(asked.keys === undefined ? {} : { keys: await readKeys(asked.keys) }),
      ...(asked.grant === undefined ? {} : { grant: asked.grant }),
    });
    output.out(asked.json ? `${shownJson(JSON.stringify(verdict))}\n` : textOf(verdict, asked.file));
    if (!verdict.ok) return EXIT.failed;
    return verdict.damage === null ? EXIT.done : EXIT.damaged;
  } catch (error) {
    if (!(error instanceof Unusable) && !(error instanceof VerifierError)) throw error;
    output.err(`verify.mjs: ${shownLine(error.message)}\n`);
    return EXIT.usage;
  }
}

function readArguments(args: readonly string[]) {
  const options = {
    keys: { type: 'string' },
    grant: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.help) return undefined;
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new Unusable('Name one file. See: node verify.mjs --help');
    return { ...values, file };
  } catch (error) {
    throw new Unusable(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function verifyFile(path: string, options: VerifyOptions): Promise<Verdict> {
  // A pipe without a writer would make it wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(unusable);
  try {
    if (!(await file.stat()).isFile()) throw new Unusable(`${path} is no regular file.`);
    return await verifyRecording(await fileSource(file), options);
  } finally {
    await file.close();
  }
}

/** The keys of a JSON Web Key Set. */
async function readKeys(path: string): Promise<readonly ListedKey[]> {
  const text = await readFile(path, 'utf8').catch(unusable);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Unusable('The keys are not JSON.', { cause: error });
  }
  const keys = isFields(json) ? json['keys'] : undefined;
  if (!Array.isArray(keys) || !keys.every(isFields)) throw new Unusable(`${path} is not a JSON Web Key Set.`);
  return keys;
}

function unusable(error: unknown): never {
  throw new Unusable(error instanceof Error ? error.message : String(error), { cause: error });
}

const NOT_CHECKED: Readonly<Record<UncheckedPart, string>> = {
  bodies: 'the fields under body, which only the protocol of the target knows',
  order: 'which entries may follow which, beyond their chain, the first and the last',
  fields: 'all fields of lines of format 1',
  signer: 'who signed: give the keys of the broker with --keys',
  grant: 'of which grant it is: give its id with --grant',
};

function textOf(verdict: Verdict, file: string): string {
  const notChecked = verdict.notChecked.map((each) => `    ${NOT_CHECKED[each]}\n`).join('');
  const rest = `  Not looked at by this program:\n${notChecked}`;
  if (!verdict.ok) {
    const { where, what } = verdict.problem;
    return `${file}: does NOT verify\n  ${shownLine(where)}: ${shownLine(what)}\n${rest}`;
  }
  const { grant, entries, segments, bytes, keyId, keyTrusted, damage } = verdict;
  const lines = [
    `${file}: verifies${damage === null ? '' : ', and says that it is DAMAGED'}`,
    `  grant ${shownLine(grant)}, ${entries} entries, ${segments} response segments, ${bytes} bytes`,
    `  signed by ${keyId}${keyTrusted ? ', one of the keys you gave' : ''}`,
  ];
  if (damage !== null) {
    lines.push(
      `  Before it was closed: ${shownLine(damage.where)}: ${shownLine(damage.what)}`,
      `  The entries up to there hold. ${damage.bytes} bytes that followed are kept under damaged/ and prove nothing.`,
    );
  }
  return `${lines.join('\n')}\n${rest}`;
}
