import { readFile } from 'node:fs/promises'
import { parseCompression } from '../../src/pipeline/compression.ts'
import { makeKeys } from '../demo/keys.ts'
import { levelsReport } from './levels-report.ts'
import { compareLevels } from './levels.ts'
import { memoryReport, memoryVerdicts } from './memory-report.ts'
import { LARGE_PARTS, measureMemory } from './memory.ts'
import type { Notebook } from './notebook.ts'
import type { BenchOptions, BlockName, Chapter } from './options.ts'
import { restoreReport, restoreVerdicts } from './restore-report.ts'
import { compareRestores } from './restore.ts'
import { growShop, indexSeasons, openShop, startShopServer } from './shop.ts'
import { speedReport, speedVerdicts } from './speed-report.ts'
import { compareSpeed, type Speed } from './speed.ts'
import { StoreSupply } from './stores.ts'

/** What is restored is what a backup has where nobody said otherwise: the level costs nothing here. */
const AS_STORED = parseCompression('xz')
/** How much larger the second dump is on which the memory is taken. */
const LARGER = 4

const CHAPTERS: readonly Chapter[] = ['xz', 'zstd', 'none', 'levels', 'restore', 'memory']

/** The chapters that need a database: a shop on a server of its own, filled once for all of them. */
export async function measureWithShop(
  options: BenchOptions,
  home: string,
  blocks: Readonly<Record<BlockName, Notebook>>,
): Promise<void> {
  const notes = blocks.backup
  if (!CHAPTERS.some((chapter) => options.only.includes(chapter))) return
  notes.chapter('A shop on a PostgreSQL server of its own')
  await using database = await startShopServer()
  const dumpBytes = options.gigabytes * 1e9
  const shop = await growShop(await openShop(database), dumpBytes)
  notes.say(`${shop.seasons} copies of its tables, for a dump of ${options.gigabytes} GB and a little more`)

  const { recipient, identityFile } = await makeKeys(home)
  await using stores = new StoreSupply({ database, recipient, home, bundle: options.bundle })
  const { rounds } = options
  const tell = (line: string): void => notes.say(line)
  const speeds: Speed[] = []
  for (const compression of [options.xz, parseCompression('zstd:3'), parseCompression('none')]) {
    if (!options.only.includes(compression.format)) continue
    notes.chapter(`The action and the shell pipeline at ${compression.text}`)
    speeds.push(await compareSpeed(stores, compression, { rounds, dumpBytes, tell }))
  }
  if (speeds.length > 0) notes.add('Speed', speedReport(speeds), speedVerdicts(speeds))

  if (options.only.includes('levels')) {
    notes.chapter('The compressors alone')
    const levels = await compareLevels(await stores.placeFor(0), dumpBytes)
    notes.add('Levels of compression', levelsReport(levels), [])
  }
  if (options.only.includes('restore')) {
    notes.chapter(`restore-verify and the shell lines at ${AS_STORED.text}`)
    await indexSeasons(shop)
    const identity = await readFile(identityFile, 'utf8')
    const settings = { rounds, dumpBytes, tell, identityFile, identity }
    const restores = await compareRestores(stores, AS_STORED, settings)
    blocks.restore.add('Restore', restoreReport(restores), restoreVerdicts(restores))
  }
  if (options.only.includes('memory')) {
    notes.chapter('Memory and disk of the runner')
    const small = await measureMemory(stores, dumpBytes)
    const largeParts = await measureMemory(stores, dumpBytes, LARGE_PARTS)
    await growShop(shop, LARGER * dumpBytes)
    const large = await measureMemory(stores, LARGER * dumpBytes)
    const verdicts = memoryVerdicts(small, large, largeParts)
    notes.add('Memory and disk', memoryReport([small, large, largeParts]), verdicts)
  }
}
