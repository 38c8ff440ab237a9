import type { InputRow } from './given.ts'

/** Those that work on a source. */
const SOURCED = [
  'backup',
  'restore-verify',
  'restore',
  'list',
  'prune',
  'lifecycle',
  'replicate',
  'check',
  'doctor',
] as const
/** A drill is of every source that there is. */
const EVERY = [...SOURCED, 'drill', 'reindex'] as const
/** Those that bring a backup back. */
const RESTORING = ['restore-verify', 'restore', 'drill'] as const
/** Those that decide what stays, whatever the source. */
const CATALOG = ['prune', 'lifecycle'] as const
/** Those that need to know what should stay. */
const JUDGING = [...CATALOG, 'replicate', 'check'] as const

const POSTGRES = ['postgres'] as const
const MEILISEARCH = ['meilisearch'] as const

/**
 * Every input: what stands in for it in the environment, what holds where it is not given, and which commands
 * use it. `action.yml` says the same in words and carries no `default:`, because the runner hands a default over
 * as if the user had typed it, and so hides the environment. A test holds the two equal.
 */
export const INPUTS: readonly InputRow[] = [
  { name: 'command', group: 'what', commands: EVERY },
  { name: 'source', group: 'what', commands: SOURCED, default: 'postgres' },
  {
    name: 'name',
    group: 'what',
    commands: ['backup', ...RESTORING, 'list', 'prune', 'replicate', 'check', 'reindex'],
  },
  { name: 'backup-id', group: 'what', commands: RESTORING },
  { name: 'before', group: 'what', commands: RESTORING },
  { name: 'key', group: 'what', commands: ['restore-verify', 'restore'] },
  { name: 'only', group: 'what', commands: ['restore'] },
  { name: 'confirm', group: 'what', commands: ['restore', 'prune'] },
  { name: 'dry-run', group: 'what', commands: [...CATALOG, 'replicate'], default: 'false' },

  { name: 'bucket', group: 'where', commands: EVERY, fallback: 'BACKUP_BUCKET' },
  {
    name: 'prefix',
    group: 'where',
    commands: EVERY,
    fallback: 'BACKUP_PREFIX',
    default: 'db/',
    sources: {
      meilisearch: { fallback: 'MEILI_BACKUP_PREFIX', default: 'meili/' },
      bucket: { fallback: 'ASSETS_BACKUP_PREFIX', default: 'assets/' },
    },
  },
  { name: 'region', group: 'where', commands: EVERY, fallback: 'BACKUP_REGION', default: 'auto' },
  { name: 'endpoint', group: 'where', commands: EVERY, fallback: 'R2_ENDPOINT' },
  { name: 'r2-account-id', group: 'where', commands: EVERY, fallback: 'R2_ACCOUNT_ID' },
  { name: 'access-key-id', group: 'where', commands: EVERY, fallback: 'R2_ACCESS_KEY_ID' },
  {
    name: 'secret-access-key',
    group: 'where',
    commands: EVERY,
    fallback: 'R2_SECRET_ACCESS_KEY',
    secret: true,
  },
  { name: 'role-to-assume', group: 'where', commands: EVERY },
  { name: 'replica', group: 'where', commands: ['replicate', 'check'] },

  {
    name: 'age-recipients',
    group: 'keys',
    commands: ['backup', 'check', 'doctor'],
    fallback: 'AGE_RECIPIENT',
  },
  {
    name: 'age-identities',
    group: 'keys',
    commands: [...RESTORING, 'doctor', 'reindex'],
    fallback: 'AGE_IDENTITY',
    secret: true,
  },

  {
    name: 'database-url',
    group: 'database',
    of: POSTGRES,
    commands: ['backup', 'doctor', 'reindex'],
    fallback: 'DATABASE_URL',
    secret: true,
  },
  { name: 'databases', group: 'database', of: POSTGRES, commands: ['backup', 'doctor'] },
  { name: 'target-database-url', group: 'database', of: POSTGRES, commands: RESTORING, secret: true },
  { name: 'pg-bin-dir', group: 'database', of: POSTGRES, commands: ['backup', 'doctor', ...RESTORING] },
  { name: 'clean', group: 'database', of: POSTGRES, commands: ['restore'], default: 'false' },

  { name: 'compression', group: 'backup', of: POSTGRES, commands: ['backup'], default: 'xz:6' },
  { name: 'fingerprint', group: 'backup', of: POSTGRES, commands: ['backup'], default: 'digest' },
  { name: 'max-shrink', group: 'backup', commands: ['backup'], default: 'warn=50%' },
  {
    name: 'limits',
    group: 'backup',
    commands: ['backup', 'restore-verify', 'reindex', 'drill'],
    default: 'stall=10m snapshot=6h retries=11',
  },

  { name: 'expectations', group: 'proof', of: POSTGRES, commands: ['restore-verify', 'drill'] },
  { name: 'extras', group: 'proof', commands: ['restore-verify', 'drill'] },
  {
    name: 'isolation',
    group: 'proof',
    of: POSTGRES,
    commands: ['restore-verify', 'drill'],
    default: 'own-user',
  },

  {
    name: 'retention-days',
    group: 'retention',
    commands: [...JUDGING, 'doctor'],
    fallback: 'BACKUP_RETENTION_DAYS',
    default: '30',
    sources: {
      meilisearch: { fallback: 'MEILI_BACKUP_RETENTION_DAYS', default: '7' },
      bucket: { fallback: 'ASSETS_BACKUP_RETENTION_DAYS', default: '30' },
    },
  },
  { name: 'keep', group: 'retention', commands: [...JUDGING, 'doctor'] },
  { name: 'min-keep', group: 'retention', commands: JUDGING, default: '3' },
  { name: 'guards', group: 'retention', commands: ['prune', 'check'], default: 'max-delete=50% max-age=3d' },
  { name: 'expire-days', group: 'retention', commands: ['lifecycle', 'check'] },
  { name: 'delete-versions', group: 'retention', commands: ['prune'], default: 'false' },

  { name: 'targets', group: 'watch', commands: ['backup', 'restore-verify', 'reindex', 'check', 'drill'] },
  { name: 'report', group: 'watch', commands: ['list', 'check', 'drill'] },
  { name: 'github-token', group: 'watch', commands: ['drill'], secret: true },
  { name: 'heartbeat-url', group: 'watch', commands: EVERY, secret: true },
  { name: 'notify-webhook', group: 'watch', commands: EVERY, secret: true },

  {
    name: 'meili-host',
    group: 'meilisearch',
    of: MEILISEARCH,
    commands: ['backup', 'doctor'],
    fallback: 'MEILI_HOST',
  },
  {
    name: 'meili-api-key',
    group: 'meilisearch',
    of: MEILISEARCH,
    commands: ['backup', 'doctor'],
    fallback: 'MEILI_API_KEY',
    secret: true,
  },
  { name: 'meili-dump-dir', group: 'meilisearch', of: MEILISEARCH, commands: ['backup', 'doctor'] },
  {
    name: 'allow-inconsistent',
    group: 'meilisearch',
    of: MEILISEARCH,
    commands: ['backup'],
    default: 'false',
  },
  { name: 'target-meili-host', group: 'meilisearch', of: MEILISEARCH, commands: [...RESTORING, 'reindex'] },
  {
    name: 'target-meili-api-key',
    group: 'meilisearch',
    of: MEILISEARCH,
    commands: [...RESTORING, 'reindex'],
    secret: true,
  },
  {
    name: 'meili-embedder-keys',
    group: 'meilisearch',
    of: MEILISEARCH,
    commands: ['restore', 'reindex', 'drill'],
    secret: true,
  },
  { name: 'reindex', group: 'meilisearch', commands: ['reindex', 'drill'] },
]
