import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageFailure } from '../terminal/conventions.js';
import { readSources } from './apply-source.js';
import { secretAt } from './secret-origin.js';

const POLICY = 'kind: Policy\nname: reads\nspec: {text: "permit (principal, action, resource);"}\n';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorwarden-apply-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, text: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

const noInput = (): Promise<string> => Promise.reject(new Error('Nothing is read from standard input'));
const read = (...paths: readonly string[]) => readSources(paths, noInput);

describe('documents', () => {
  it('are read from folders, in the order of names, from several in a file and from lists', async () => {
    await put('b.yaml', `# first\n${POLICY}---\n${POLICY.replace('reads', 'writes')}---\n`);
    await put('a/deep/one.json', JSON.stringify([{ kind: 'IdentityMapping', spec: { rules: [] } }]));
    await put('.hidden.yaml', 'kind: Nothing');
    await put('README.md', 'no document');
    const found = await read(folder);
    expect(found.map(({ document, place }) => [document.kind, place.slice(folder.length + 1)])).toEqual([
      ['IdentityMapping', 'a/deep/one.json:1'],
      ['Policy', 'b.yaml:2'],
      ['Policy', 'b.yaml:6'],
    ]);
  });

  it('come from standard input, and a file that is named twice, or found in a circle, is read once', async () => {
    const file = await put('a.yaml', POLICY);
    expect(await read(file, file, folder)).toHaveLength(1);
    await symlink(folder, join(folder, 'circle'));
    expect(await read(folder)).toHaveLength(1);
    const [piped] = await readSources(['-'], () => Promise.resolve(POLICY));
    expect(piped).toMatchObject({ place: 'standard input:1', document: { name: 'reads' } });
  });

  it.each([
    ['another kind', 'kind: Grant\nname: x\nspec: {}\n', /a\.yaml:1: kind: Invalid/],
    ['an unknown field', `${POLICY}extra: 1\n`, /the document: Unrecognized key: "extra"/],
    [
      'a password',
      'kind: Target\nname: a\nspec: {host: h, username: u, password: secret1}\n',
      /spec: Unrecognized key: "password"/,
    ],
    ['a wrong value', 'kind: Target\nname: a\nspec: {host: h, username: u, port: 0}\n', /spec\.port: /],
    [
      'a client secret',
      'kind: IdentityProvider\nname: a\nspec: {kind: oidc, for: [agents], issuer: i, clientSecret: secret1}\n',
      /"clientSecret"/,
    ],
    ['a key twice', `kind: Policy\nkind: Policy\nname: a\n`, /a\.yaml:2: This is no YAML: Map keys must be unique/],
    ['a tag', 'kind: !!js/function x\n', /This is no YAML: Unresolved tag/],
    ['no YAML', 'kind: [\n', /This is no YAML/],
    ['something else', 'just a text\n', /the document: /],
  ])('with %s are refused with their place, and without a secret', async (_, text, why) => {
    const file = await put('a.yaml', text);
    const refused = read(file);
    await expect(refused).rejects.toThrow(UsageFailure);
    await expect(refused).rejects.toThrow(why);
    await expect(refused).rejects.not.toThrow('secret1');
  });

  it('are refused where two are of one name', async () => {
    await put('a.yaml', POLICY);
    await put('b.yaml', POLICY);
    await expect(read(folder)).rejects.toThrow(/b\.yaml:1: Policy reads stands at .*a\.yaml:1 already\./);
  });

  it('are refused where aliases would make a small file a large one', async () => {
    const levels = ['l0: &l0 [x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 8; level += 1) {
      levels.push(
        `l${level}: &l${level} [${Array(9)
          .fill(`*l${level - 1}`)
          .join(', ')}]`,
      );
    }
    const file = await put('a.yaml', `${levels.join('\n')}\n`);
    await expect(read(file)).rejects.toThrow(/Excessive alias count|Unrecognized|Invalid/);
  });

  it('are not looked for where there are none', async () => {
    await expect(read(folder)).rejects.toThrow('ends in .yaml, .yml or .json.');
    await expect(read(join(folder, 'none.yaml'))).rejects.toThrow(/ENOENT/);
  });
});

describe('a secret', () => {
  const env = { ORDERS_PASSWORD: 'of the environment', EMPTY: '' };

  it('comes from the environment, or from a file beside the document', async () => {
    await put('secret', 'of the file\n');
    expect(await secretAt({ env: 'ORDERS_PASSWORD' }, { folder, env })).toBe('of the environment');
    expect(await secretAt({ file: 'secret' }, { folder, env })).toBe('of the file');
  });

  it('that is not there, or empty, is told by where it should be', async () => {
    await put('empty', '\n');
    await expect(secretAt({ env: 'NONE' }, { folder, env })).rejects.toThrow(
      'The environment variable NONE is not set.',
    );
    await expect(secretAt({ env: 'EMPTY' }, { folder, env })).rejects.toThrow('is not set');
    await expect(secretAt({ file: 'empty' }, { folder, env })).rejects.toThrow('empty is empty');
    await expect(secretAt({ file: 'none' }, { folder, env })).rejects.toThrow(/ENOENT/);
  });
});
