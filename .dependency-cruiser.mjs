/**
 * Who may import whom inside src/. A room may always import itself; what is not listed is forbidden.
 * The core knows no protocol: a protocol is a folder of its own, and src/apps puts them together.
 * ARCHITECTURE.md draws the same picture in words.
 */
const CORE = ['kernel', 'domain', 'policy', 'recording', 'contracts', 'protocol', 'queue', 'config', 'gateway'];
const MAY_IMPORT = {
  kernel: [],
  domain: ['kernel'],
  config: ['kernel'],
  keys: ['kernel'],
  policy: ['kernel', 'domain'],
  recording: ['kernel', 'domain'],
  contracts: ['kernel', 'domain'],
  protocol: ['kernel', 'domain', 'policy', 'recording', 'contracts'],
  queue: ['kernel', 'domain'],
  egress: ['kernel'],
  idp: ['kernel', 'domain', 'egress'],
  record: ['kernel', 'domain', 'recording'],
  gateway: ['kernel', 'domain', 'policy', 'recording', 'contracts', 'queue', 'config'],
  'protocols/sql': CORE,
  'protocols/mysql': [...CORE, 'protocols/sql'],
  persistence: ['kernel', 'domain', 'recording', 'record', 'keys', 'policy', 'gateway/ports.ts'],
  messaging: ['kernel', 'domain', 'queue', 'idp/one-time-store.ts', 'persistence/approvals/approval-asking.ts'],
  start: ['kernel', 'persistence', 'messaging'],
  health: ['kernel', 'persistence', 'messaging', 'start'],
  channels: ['kernel', 'domain', 'contracts', 'config', 'persistence', 'keys', 'egress'],
  control: [
    'kernel',
    'domain',
    'policy',
    'recording',
    'contracts',
    'queue',
    'config',
    'keys',
    'persistence',
    'messaging',
    'protocol',
    'start',
    'health',
    'channels',
    'egress',
    'idp',
    'record',
    'gateway/ports.ts',
    'client',
    'mcp',
  ],
  client: ['kernel', 'domain', 'contracts'],
  mcp: ['kernel', 'domain', 'contracts', 'client', 'protocol'],
  verifier: [],
  web: ['contracts', 'verifier'],
  apps: ['*'],
};

const FRAMEWORK_FREE =
  '^src/(kernel|domain|policy|recording|contracts|client|mcp|protocol|gateway|protocols|egress|idp|record|verifier|web|channels)/';
const FRAMEWORKS = 'node_modules/(@nestjs|typeorm|bullmq|ioredis|express)(/|$)';
const TESTS = '\\.test\\.tsx?$';
/** What runs in a browser. */
const IN_BROWSERS = '^src/(web|verifier)/';

const layers = Object.entries(MAY_IMPORT).map(([room, allowed]) => ({
  name: `${room.replaceAll('/', '-')}-imports-only-what-it-may`,
  comment: `src/${room} may import ${allowed.length === 0 ? 'no other room' : allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: [room, ...allowed].map(pathOf) },
}));

/** A folder's name as a pattern of all its files, a file's name as itself. */
function pathOf(name) {
  if (name === '*') return '^src/';
  return name.endsWith('.ts') ? `^src/${name.replaceAll('.', '\\.')}$` : `^src/${name}/`;
}

export default {
  forbidden: [
    ...layers,
    {
      name: 'a-wire-codec-knows-only-the-kernel',
      comment: 'Codecs take bytes and return values.',
      severity: 'error',
      from: { path: '^src/protocols/[^/]+/wire/', pathNot: TESTS },
      to: { path: '^src/', pathNot: ['^src/protocols/[^/]+/wire/', '^src/kernel/'] },
    },
    {
      name: 'every-folder-is-in-the-table',
      comment: 'A new folder of src/ needs its row in MAY_IMPORT.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(MAY_IMPORT).join('|')})/` },
      to: {},
    },
    {
      name: 'commands-take-protocols-from-the-list',
      comment:
        'A recording, a value or an option is told by its own protocol, through its port; lists in src/apps name them.',
      severity: 'error',
      from: { path: '^src/apps/cli/', pathNot: TESTS },
      to: { path: '^src/protocols/' },
    },
    {
      name: 'no-framework-in-the-core',
      comment: 'The pure folders and the gateway are wired by hand.',
      severity: 'error',
      from: { path: FRAMEWORK_FREE, pathNot: TESTS },
      to: { path: FRAMEWORKS },
    },
    {
      name: 'the-page-takes-types-from-contracts',
      comment:
        'zod and the schemas stay out of what browsers load: `import type`. How texts and numbers are shown is no schema.',
      severity: 'error',
      from: { path: '^src/web/', pathNot: TESTS },
      to: {
        path: '^src/contracts/',
        pathNot: '^src/contracts/shown/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'nothing-of-node-in-browsers',
      comment: 'A browser has no modules of Node.js.',
      severity: 'error',
      from: { path: IN_BROWSERS, pathNot: `${TESTS}|^src/web/vite\\.config\\.ts$` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'packages-of-the-page-stay-there',
      comment: 'They are dependencies of the build: what npm installs with the broker does not have them.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/web/' },
      to: {
        path: 'node_modules/(react|react-dom|react-aria-components|@tanstack|@codemirror|lucide-react|uplot|vite)/',
      },
    },
    {
      name: 'typeorm-stays-in-persistence',
      comment: 'Only repositories know TypeORM; src/apps builds the data source.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(persistence|apps)/' },
      to: { path: 'node_modules/(@nestjs/)?typeorm(/|$)' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unknown-import',
      comment: 'The import does not resolve, or its package is not in package.json.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-in-product',
      comment: 'Product code does not import tests or what supports them.',
      severity: 'error',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: `${TESTS}|^test/` },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
