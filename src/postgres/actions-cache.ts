import type * as ActionsCache from '@actions/cache'
import type { Log } from '../catalog/ports.ts'
import type { FolderCache } from './client-install.ts'

/**
 * GitHub's cache. Where the service is absent (outside GitHub, on some self-hosted runners) it is not even asked: the
 * client retries for ten seconds. Whatever it throws is a line in the log, never the job's result.
 */
export function actionsCache(log: Log): FolderCache {
  const attempt = async <T>(
    what: string,
    work: (cache: typeof ActionsCache) => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      const cache = await import('@actions/cache')
      return cache.isFeatureAvailable() ? await work(cache) : undefined
    } catch (error) {
      log.info(`The cache could not be ${what}; going on without it. ${String(error)}`)
      return undefined
    }
  }
  return {
    restore: async (folder, key) =>
      (await attempt('read', (cache) => cache.restoreCache([folder], key))) !== undefined,
    save: async (folder, key) => {
      await attempt('written', (cache) => cache.saveCache([folder], key))
    },
  }
}
