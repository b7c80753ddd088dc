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

  it('reads components too', async () => {
    await put('src/web/a.tsx', 'export interface GrantManager {}\n');
    expect(await check('glossary.mjs')).toEqual([expect.stringContaining('src/web/a.tsx: GrantManager')]);
  });

  it('refuses a name that two files have, with both', async () => {
    await put('src/a.ts', 'export interface OpenGrant {}\n');
    await put('src/protocols/x/b.ts', 'export class OpenGrant {}\n');
    expect(await check('glossary.mjs')).toEqual([
      expect.stringContaining('src/a.ts and src/protocols/x/b.ts: OpenGrant is a name of both.'),
    ]);
  });

  it('takes the same name in two protocols, and in a program of its own', async () => {
    await put('src/protocols/x/a.ts', 'export class OpenGrant {}\n');
    await put('src/protocols/y/a.ts', 'export class OpenGrant {}\n');
    await put('src/a.ts', 'export class Policies {}\n');
    for (const room of ['web', 'verifier', 'apps/quickstart'])
      await put(`src/${room}/a.ts`, 'export class Policies {}\n');
    expect(await check('glossary.mjs')).toEqual([]);
  });

  it('refuses a plain word that the glossary explains already', async () => {
    await put('scripts/words/plain-words.txt', 'grant\n');
    expect(await check('glossary.mjs')).toEqual([expect.stringContaining('"grant" is in CONTEXT.md already')]);
  });
});

describe('the check of the page', () => {
  const said = async (elements: readonly string[]): Promise<readonly string[]> => {
    await put('src/web/a.tsx', elements.map((element) => `shown = ${element};\n`).join(''));
    return check('page-texts.mjs');
  };

  it('refuses a text in an element, with its place and what to do', async () => {
    const elements = [
      '<p>Hello</p>',
      '<>Hello</>',
      "<p>{'Hello'}</p>",
      "<p>{b ? texts.saving : 'Hello'}</p>",
      "<p>{n > 1 && ('Hello')}</p>",
      "<p>{b ?? 'Hello'}</p>",
      "<p>{n + ' Hello'}</p>",
      '<p>{`${n}Hello`}</p>',
      '<button title="Hello" />',
      '<button aria-label={`Hello`} />',
      "<Field label={b ? 'Hello' : texts.other} />",
    ];
    const lines = await said(elements);
    expect(lines).toHaveLength(elements.length);
    for (const [index, line] of lines.entries()) {
      expect(line).toMatch(/Hello" is a text of the page\. Write it in src\/web\/texts\//);
      expect(line).toContain(`src/web/a.tsx:${index + 1}: `);
    }
  });

  it('takes names, numbers, signs and what calls are given', async () => {
    const elements = [
      '<p className="muted" id={`row-${n}`}>{texts.hello} · {n} → {`${n} × ${n}`}</p>',
      '<Link to="/tasks" search={{ state: "open" }}>{texts.count(n, "exact")}</Link>',
      '<p>{b === "open" ? texts.open : null}</p>',
      '<List of={items.map((item) => item.kind === "write" && <Row key={item.id} />)} />',
    ];
    expect(await said(elements)).toEqual([]);
  });
});

describe('the check of plain English', () => {
  it('refuses hard words in comments, texts and documents, and says what to write', async () => {
    await put('src/a.ts', "// It is judged anew.\nexport const text = 'Told to whoever waits, by who asked.';\n");
    await put('docs/a.md', 'Whoever waits.\n');
    await put('src/web/b.tsx', "export const B = () => <p>{'anew'}</p>;\n");
    const said = await check('plain-english.mjs');
    expect(said).toEqual([
      'docs/a.md:1: "Whoever". Write: anyone who.',
      'src/a.ts:1: "anew". Write: again.',
      'src/a.ts:2: "whoever". Write: anyone who.',
      'src/a.ts:2: "by who". Write: the one who, or the name of the actor.',
      'src/web/b.tsx:1: "anew". Write: again.',
    ]);
  });

  it('takes the same words where they are plain', async () => {
    await put('src/a.ts', '// Those who wait, and the one who asked, are told again. A new one: by whom? Who asked?\n');
    expect(await check('plain-english.mjs')).toEqual([]);
  });
});
