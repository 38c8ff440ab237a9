// Which room may know which: docs/architecture.md says why. A rule that hinders good work is changed here, with
// the reason in docs/adr, not worked around.
const ROOMS = 'catalog|retention|postgres|meilisearch|bucket|proof|watch|pipeline|storage|report'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'rooms-know-the-vocabulary-and-the-pipeline',
      comment: 'A room knows itself, catalog, errors and pipeline; who needs more is given it by wiring.',
      severity: 'error',
      from: { path: `^src/(${ROOMS})/` },
      to: { path: '^src/', pathNot: '^src/($1|catalog|pipeline)/|^src/($1|errors|version)\\.ts$' },
    },
    {
      name: 'catalog-knows-errors-only',
      comment:
        'And the version, which tells what is newer. The shape of a stage, as a type, is all that it says of bytes.',
      severity: 'error',
      from: { path: '^src/catalog/' },
      to: { path: '^src/', pathNot: '^src/catalog/|^src/(errors|version)\\.ts$|^src/pipeline/stage\\.ts$' },
    },
    {
      name: 'catalog-takes-types-of-the-pipeline',
      severity: 'error',
      from: { path: '^src/catalog/' },
      to: { path: '^src/pipeline/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pipeline-knows-nobody',
      severity: 'error',
      from: { path: '^src/pipeline/' },
      to: { path: '^src/', pathNot: '^src/pipeline/|^src/errors\\.ts$' },
    },
    {
      name: 'pure-rooms-touch-nothing',
      severity: 'error',
      from: { path: '^src/(catalog|retention|watch|inputs)/|^src/inputs\\.ts$' },
      to: {
        path: '^(node:)?(fs|fs/promises|http|https|child_process|timers)$|node_modules/(@actions|@aws-sdk|pg)/',
      },
    },
    {
      name: 'commands-know-sources-only-as-sources',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: {
        path: '^src/(postgres|meilisearch|bucket|inputs|report)/|^src/(main|index|wiring|inputs|cli)\\.ts$',
      },
    },
    {
      name: 'inputs-know-parsers-only',
      severity: 'error',
      from: { path: '^src/inputs(/|\\.ts$)' },
      to: { path: '^src/(commands|report|retention|watch|proof)/|^src/(main|index|wiring|cli)\\.ts$' },
    },
    {
      name: 'nobody-imports-the-top',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/(index|main|cli|wiring)\\.ts$|^src/run-' },
    },
    {
      name: 'only-storage-and-wiring-know-the-aws-sdk',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/storage/|^src/wiring\\.ts$' },
      to: { path: '(^|node_modules/)(@aws-sdk|@smithy)/' },
    },
    {
      name: 'only-the-pipeline-starts-processes',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/pipeline/process\\.ts$' },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'only-report-knows-the-runner',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/report/actions\\.ts$' },
      to: { path: '(^|node_modules/)@actions/core/' },
    },
    {
      name: 'only-who-opens-sessions-knows-the-driver',
      comment: 'connect.ts makes the client; the others are what it and a session are made of.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/postgres/(connect|strict-client|copy-out|pooler)\\.ts$' },
      to: { path: '(^|node_modules/)pg/' },
    },
    {
      name: 'only-one-function-opens-sessions',
      comment: 'Nothing is sent before the settings are pinned: session.ts connects and pins.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/postgres/(connect|session)\\.ts$' },
      to: { path: '^src/postgres/(strict-client|copy-out|session-pins)\\.ts$' },
    },
    {
      name: 'src-stands-alone',
      comment: 'What is bundled comes from src and from dependencies, never from tests or tools.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(__tests__|scripts|demo)/' },
    },
    {
      name: 'src-needs-no-development-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count: a room that takes another's types knows it.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
}
