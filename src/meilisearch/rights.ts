/** What a key is used for. */
export type Use = 'backup' | 'server-dump' | 'restore' | 'restore-verify' | 'reindex'

const READ_BACK = ['settings.get', 'documents.get']
const BUILD = [
  'version',
  'tasks.get',
  'tasks.cancel',
  'indexes.get',
  'indexes.create',
  'indexes.delete',
  'settings.update',
  'documents.add',
]

/**
 * The actions that a key needs for all indexes, by what it is used for. Experimental features and API keys are asked for
 * only where a backup has some, and are not among them.
 */
export const RIGHTS: Readonly<Record<Use, readonly string[]>> = {
  backup: [
    'version',
    'keys.get',
    'tasks.get',
    'indexes.get',
    'settings.get',
    'documents.get',
    'stats.get',
    'experimental.get',
    'webhooks.get',
  ],
  'server-dump': ['version', 'tasks.get', 'tasks.cancel', 'dumps.create'],
  restore: [...BUILD, 'indexes.swap', ...READ_BACK],
  'restore-verify': [...BUILD, ...READ_BACK, 'search'],
  reindex: [...BUILD, 'indexes.swap', 'stats.get'],
}

/** What a new key is given, in the shortest words. */
export const KEY_ACTIONS: Readonly<Record<Use, readonly string[]>> = {
  backup: ['*.get', 'version', 'keys.get'],
  'server-dump': RIGHTS['server-dump'],
  restore: shorter(RIGHTS.restore),
  'restore-verify': shorter(RIGHTS['restore-verify']),
  reindex: shorter(RIGHTS.reindex),
}

function shorter(rights: readonly string[]): readonly string[] {
  return [...new Set(rights.map((right) => (right.startsWith('indexes.') ? 'indexes.*' : right)))]
}
