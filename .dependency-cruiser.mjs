/**
 * Who may import whom inside src/. A folder may always import itself; what is not listed is forbidden.
 * ARCHITECTURE.md draws the same picture in words.
 */
const MAY_IMPORT = {
  kernel: [],
  domain: ['kernel'],
  wire: ['kernel'],
  config: ['kernel'],
  keys: ['kernel'],
  sql: ['kernel', 'domain'],
  policy: ['kernel', 'domain'],
  recording: ['kernel', 'domain'],
  contracts: ['kernel', 'domain'],
  client: ['kernel', 'domain', 'contracts'],
  queue: ['kernel', 'domain'],
  gateway: ['kernel', 'domain', 'sql', 'policy', 'wire', 'recording', 'contracts', 'queue', 'config'],
  persistence: ['kernel', 'domain', 'recording', 'keys', 'policy', 'gateway/ports.ts'],
  control: [
    'kernel',
    'domain',
    'sql',
    'policy',
    'wire',
    'recording',
    'contracts',
    'queue',
    'config',
    'keys',
    'persistence',
    'gateway/ports.ts',
  ],
  web: ['contracts', 'client'],
  apps: ['*'],
};

const FRAMEWORK_FREE = '^src/(kernel|domain|sql|policy|wire|recording|contracts|client|gateway)/';
const FRAMEWORKS = 'node_modules/(@nestjs|typeorm|bullmq|ioredis|express)(/|$)';
const TESTS = '\\.test\\.ts$';

const layers = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports-only-what-it-may`,
  comment: `src/${folder} may import ${allowed.length === 0 ? 'no other folder' : allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [folder, ...allowed].map(pathOf) },
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
      name: 'every-folder-is-in-the-table',
      comment: 'A new folder of src/ needs its row in MAY_IMPORT.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(MAY_IMPORT).join('|')})/` },
      to: {},
    },
    {
      name: 'no-framework-in-the-core',
      comment: 'The pure folders and the gateway are wired by hand.',
      severity: 'error',
      from: { path: FRAMEWORK_FREE, pathNot: TESTS },
      to: { path: FRAMEWORKS },
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
