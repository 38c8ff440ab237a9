import { readFile } from 'node:fs/promises'
import { systemClock } from './catalog/ports.ts'
import type { IndexDeclaration, IndexPlan, StoredSettings } from './catalog/reindex.ts'
import { backedUpSettings } from './commands/backed-up-settings.ts'
import { LifeboatError } from './errors.ts'
import type { ReindexRequest } from './inputs/request.ts'
import { parseDeclarations } from './meilisearch/reindex/declarations.ts'
import { parseIndexSettings } from './meilisearch/reindex/settings-file.ts'
import { readStoredSettings } from './meilisearch/reindex/stored-settings.ts'
import { uploadJournal } from './report/upload-journal.ts'
import { openStore, type Run } from './wiring.ts'

/** What the file declares. Throws `input` with everything that is wrong with it. */
export async function readDeclarations(path: string): Promise<readonly IndexDeclaration[]> {
  return parseDeclarations(await readText(path, 'reindex'), path)
}

/** What is to be built, with all settings at hand: from the file, from files that it names, from the newest backup. */
export async function readPlans(
  request: Pick<ReindexRequest, 'declarations' | 'backup' | 'limits'>,
  run: Run,
): Promise<IndexPlan[]> {
  const declarations = await readDeclarations(request.declarations)
  const fromBackup = declarations.filter(({ settings }) => settings.kind === 'backup')
  const stored =
    fromBackup.length === 0 ? new Map<string, never>() : await readBackup(request, fromBackup, run)
  const plans: IndexPlan[] = []
  for (const declaration of declarations) {
    const { settings, hiddenKeys, features } = await settingsOf(declaration, stored)
    plans.push({ ...declaration, indexSettings: settings, hiddenKeys, features })
  }
  return plans
}

async function settingsOf(
  { uid, line, settings }: IndexDeclaration,
  stored: ReadonlyMap<string, StoredSettings>,
): Promise<StoredSettings> {
  switch (settings.kind) {
    case 'inline':
      return { settings: settings.settings, hiddenKeys: [], features: [] }
    case 'file': {
      const text = await readText(settings.path, `reindex: line ${line}: settings of "${uid}"`)
      return { settings: parseIndexSettings(text, settings.path), hiddenKeys: [], features: [] }
    }
    case 'backup': {
      const found = stored.get(settings.uid)
      if (found) return found
      const known = [...stored.keys()].map((each) => `"${each}"`).join(', ')
      throw new LifeboatError(
        'input',
        `reindex: line ${line}: the newest backup of search has no index "${settings.uid}".`,
        { hint: `It has: ${known || 'none'}. Name one of them: settings-from: backup:<uid>.` },
      )
    }
  }
}

async function readBackup(
  { backup, limits, declarations: path }: Pick<ReindexRequest, 'declarations' | 'backup' | 'limits'>,
  [first]: readonly IndexDeclaration[],
  { surroundings, reporter, signal }: Run,
): Promise<ReadonlyMap<string, StoredSettings>> {
  if (!backup) {
    throw new LifeboatError(
      'input',
      `${path}: line ${first?.line ?? 1}: settings-from: backup needs to know where the backups of search are.`,
      {
        hint: 'Give bucket (or BACKUP_BUCKET) and what opens it, prefix where it is not meili/, and age-identities.',
      },
    )
  }
  const { store: place, prefix, name, identities } = backup
  const { log } = reporter
  const { temporary } = surroundings
  const store = await openStore(place, { journal: uploadJournal(reporter), signal })
  try {
    return await log.group('Settings', () =>
      backedUpSettings({ prefix, name, identities, stallMs: limits.stallMs }, readStoredSettings, {
        store,
        log,
        clock: systemClock,
        signal,
        temporary,
      }),
    )
  } finally {
    store.close()
  }
}

async function readText(path: string, label: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new LifeboatError('input', `${label}: ${path} cannot be read.`, {
      hint: 'Its path is relative to the workspace: is there an actions/checkout before this step?',
      cause,
    })
  }
}
