import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild, untilReady } from '../child.js';
import { LOCAL, logFolder, makeTemporaryFolder } from '../folders.js';
import { freePort } from '../ports.js';
import type { SamlKey } from './saml-keys.js';
import { ScriptedBrowser } from './scripted-browser.js';

const READY_LIMIT_MS = 30_000;
const PHP = '/usr/bin/php';
const EXTENSIONS = ['dom', 'xml', 'xmlreader', 'xmlwriter', 'simplexml'];

/** The identity provider of others: SimpleSAMLphp, as Debian has it. */
export interface SimpleSaml {
  /** Its entityID. */
  readonly issuer: string;
  metadata(): Promise<string>;
  /** Signs in as a person does, from the broker's request to the form that goes back to the broker. */
  signIn(url: string, name: string, password: string): Promise<{ samlResponse: string; relayState: string }>;
  stop(): Promise<void>;
}

/** The broker as the provider knows it. */
export interface SimpleSamlClient {
  readonly entityId: string;
  readonly acs: string;
}

/** Why it cannot be started here; undefined: it can. Its packages are brought by the set-up of the tests. */
export function whyNoSimpleSaml(): string | undefined {
  if (!existsSync(PHP)) return 'there is no PHP';
  for (const name of ['simplesamlphp', 'php-xml']) {
    const file = join(LOCAL, name, 'result.json');
    const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { reason: `${name} was not brought` };
    if (result.available !== true) return String(result.reason);
  }
  return undefined;
}

/** Starts it on a free loopback port, by PHP's own server, with one person: `alice`, password `alice-password`. */
export async function startSimpleSaml(client: SimpleSamlClient, key: SamlKey): Promise<SimpleSaml> {
  const folder = makeTemporaryFolder();
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const issuer = `${base}/saml2/idp/metadata.php`;
  const www = join(LOCAL, 'simplesamlphp/root/usr/share/simplesamlphp/www');
  await writeSettings({ folder, base, client, key, www });
  const extensions = join(LOCAL, 'php-xml/root/usr/lib/php');
  const [api = ''] = readdirSync(extensions);
  const child = startChild({
    command: PHP,
    args: [
      ...EXTENSIONS.flatMap((name) => ['-d', `extension=${join(extensions, api, `${name}.so`)}`]),
      '-S',
      `127.0.0.1:${port}`,
      '-t',
      www,
      join(folder, 'router.php'),
    ],
    logFile: join(await logFolder('servers'), `simplesamlphp-${port}.log`),
    env: { PATH: process.env['PATH'] ?? '', SIMPLESAMLPHP_CONFIG_DIR: join(folder, 'config') },
    cwd: www,
  });
  const metadata = async (): Promise<string> => {
    const answer = await fetch(issuer);
    if (answer.status !== 200) throw new Error(`The metadata answer with ${answer.status}`);
    return await answer.text();
  };
  await untilReady(child, READY_LIMIT_MS, metadata);
  return {
    issuer,
    metadata,
    signIn: (url, name, password) => signIn(url, name, password),
    async stop() {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function signIn(
  url: string,
  name: string,
  password: string,
): Promise<{ samlResponse: string; relayState: string }> {
  const browser = new ScriptedBrowser();
  const login = await browser.open(url);
  const answer = await browser.submit(login, { username: name, password });
  const { SAMLResponse: samlResponse, RelayState: relayState } = answer.fields;
  if (samlResponse === undefined || relayState === undefined)
    throw new Error(`No answer, but: ${answer.text.slice(0, 2_000)}`);
  return { samlResponse, relayState };
}

interface Settings {
  readonly folder: string;
  readonly base: string;
  readonly client: SimpleSamlClient;
  readonly key: SamlKey;
  readonly www: string;
}

async function writeSettings({ folder, base, client, key, www }: Settings): Promise<void> {
  for (const name of ['config', 'metadata', 'cert', 'log', 'data', 'tmp']) await mkdir(join(folder, name));
  const files: Readonly<Record<string, string>> = {
    'cert/idp.crt': key.certificate,
    'cert/idp.pem': key.privateKey,
    'config/config.php': `$config = [
      'baseurlpath' => '${base}/', 'certdir' => '${folder}/cert/', 'loggingdir' => '${folder}/log/',
      'datadir' => '${folder}/data/', 'tempdir' => '${folder}/tmp', 'metadatadir' => '${folder}/metadata/',
      'secretsalt' => 'of-the-tests', 'auth.adminpassword' => '${crypto.randomUUID()}', 'timezone' => 'UTC',
      'technicalcontact_email' => 'na@example.org', 'enable.saml20-idp' => true,
      'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
      'logging.handler' => 'errorlog', 'session.cookie.secure' => false, 'session.cookie.samesite' => null,
      'language.cookie.secure' => false, 'language.cookie.samesite' => null, 'store.type' => 'phpsession',
      'session.phpsession.savepath' => '${folder}/tmp', 'metadata.sources' => [['type' => 'flatfile']],
      'admin.checkforupdates' => false, 'language.default' => 'en', 'theme.use' => 'default',
    ];`,
    'config/authsources.php': `$config = ['people' => ['exampleauth:UserPass',
      'alice:alice-password' => ['uid' => ['alice'], 'mail' => ['alice@example.com'], 'groups' => ['dba', 'security']],
      'bob:bob-password' => ['uid' => ['bob'], 'mail' => ['bob@example.com'], 'groups' => ['dba']],
    ]];`,
    'metadata/saml20-idp-hosted.php': `$metadata['${base}/saml2/idp/metadata.php'] = [
      'host' => '__DEFAULT__', 'privatekey' => 'idp.pem', 'certificate' => 'idp.crt', 'auth' => 'people',
      'authproc' => [3 => ['class' => 'saml:AttributeNameID', 'attribute' => 'mail',
        'Format' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress']],
    ];`,
    'metadata/saml20-sp-remote.php': `$metadata['${client.entityId}'] = [
      'AssertionConsumerService' => '${client.acs}',
      'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    ];`,
    // PHP's own server takes a path below a script for a file that is not there.
    'router.php': `if (preg_match('#^/module\\\\.php(/[^?]*)#', $_SERVER['REQUEST_URI'], $found)) {
      $_SERVER['SCRIPT_NAME'] = '/module.php';
      $_SERVER['PATH_INFO'] = $found[1];
      require '${www}/module.php';
      return true;
    }
    return false;`,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), name.endsWith('.php') ? `<?php\n${text}\n` : text, { mode: 0o600 });
  }
}
