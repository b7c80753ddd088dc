import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPTS = fileURLToPath(new URL('../../scripts/words/', import.meta.url));
const CONTEXT = `| term | meaning | avoid |
| --- | --- | --- |
| Grant | a right | |
| Client leg, target leg | two sides | |
| Scope (of an approval) | how far it reaches | |
| Policy | a text | rule |
`;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'doorwarden-words-'));
  await put('CONTEXT.md', CONTEXT);
  await put('scripts/words/plain-words.txt', '# Plain words.\naddress list\n');
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function check(script: string): Promise<readonly string[]> {
  try {
    await promisify(execFile)(process.execPath, [join(SCRIPTS, script), root]);
    return [];
  } catch (error) {
    return String(Object(error).stdout).trim().split('\n');
  }
}

describe('the check of names', () => {
  it.each(['class OpenGrant {}', 'interface Legs {}', 'type ApprovalScope = string;', 'abstract class Policies {}'])(
    'takes a name that ends in a word of the glossary, in the singular or plural: %s',
    async (declared) => {
      await put('src/a/b.ts', `export ${declared}\n`);
      expect(await check('glossary.mjs')).toEqual([]);
    },
  );

  it('takes a name that ends in a plain word, and names that are not exported', async () => {
    await put('src/a.ts', 'export interface ClientAddresses {}\ninterface Thing {}\n');
    await put('src/a.test.ts', 'export class Fake {}\n');
    expect(await check('glossary.mjs')).toEqual([]);
  });

  it('refuses any other name, with its file and what to do', async () => {
    await put('src/a.ts', 'export class GrantManager {}\nexport type Rule = string;\n');
    const said = await check('glossary.mjs');
    expect(said.map((line) => line.split('.')[0])).toEqual(['src/a', 'src/a']);
    expect(said[0]).toContain('GrantManager ends in "Manager". Name it by a word of CONTEXT.md');
    expect(said[1]).toContain('Rule'); // a word that is to be avoided is no word of the glossary
  });

  it('refuses a plain word that the glossary explains already', async () => {
    await put('scripts/words/plain-words.txt', 'grant\n');
    expect(await check('glossary.mjs')).toEqual([expect.stringContaining('"grant" is in CONTEXT.md already')]);
  });
});

describe('the check of plain English', () => {
  it('refuses hard words in comments, texts and documents, and says what to write', async () => {
    await put('src/a.ts', "// It is judged anew.\nexport const text = 'Told to whoever waits, by who asked.';\n");
    await put('docs/a.md', 'Whoever waits.\n');
    const said = await check('plain-english.mjs');
    expect(said).toEqual([
      'docs/a.md:1: "Whoever". Write: anyone who.',
      'src/a.ts:1: "anew". Write: again.',
      'src/a.ts:2: "whoever". Write: anyone who.',
      'src/a.ts:2: "by who". Write: the one who, or the name of the actor.',
    ]);
  });

  it('takes the same words where they are plain', async () => {
    await put('src/a.ts', '// Those who wait, and the one who asked, are told again. A new one: by whom? Who asked?\n');
    expect(await check('plain-english.mjs')).toEqual([]);
  });
});
