import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCompression } from '../src/pipeline/compression.ts'
import { checkout } from './bundle.ts'
import { makeKeys } from './demo/keys.ts'
import { levelsReport } from './bench/levels-report.ts'
import { compareLevels } from './bench/levels.ts'
import { describeMachine, load } from './bench/machine.ts'
import { measureMemory } from './bench/memory.ts'
import { memoryReport, memoryVerdicts, terabyteReport, terabyteVerdicts } from './bench/memory-report.ts'
import { isWhole, readOptions, USAGE } from './bench/options.ts'
import { writePage } from './bench/page.ts'
import { growShop, openShop, startShopServer } from './bench/shop.ts'
import { speedReport, speedVerdicts } from './bench/speed-report.ts'
import { compareSpeed, type Speed } from './bench/speed.ts'
import { StoreSupply } from './bench/stores.ts'
import { simulateTerabyte } from './bench/terabyte.ts'
import { verdictReport, type Verdict } from './bench/verdict.ts'

/** How much larger the second dump is on which the memory is taken. */
const LARGER = 4

// Ctrl-C reaches the children too; leaving through `exit` lets each server remove its folder.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const args = process.argv.slice(2)
if (args.includes('--help')) {
  console.log(USAGE)
} else {
  const home = await mkdtemp(join(tmpdir(), 'lifeboat-bench-'))
  try {
    await bench(home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function bench(home: string): Promise<void> {
  const options = readOptions(args)
  const date = new Date()
  const begun = performance.now()
  const loadBefore = load()
  const verdicts: Verdict[] = []
  const sections: string[] = []
  const add = (title: string, report: string, found: readonly Verdict[]): void => {
    sections.push(`### ${title}\n\n${report}`)
    verdicts.push(...found)
    console.log(`\n${report}`)
  }

  chapter('A shop on a PostgreSQL server of its own')
  await using database = await startShopServer()
  const machine = await describeMachine(database)
  console.log(machine)
  let shop = await openShop(database)
  const dumpBytes = options.gigabytes * 1e9
  shop = await growShop(shop, dumpBytes)
  console.log(`${shop.seasons} copies of its tables, for a dump of ${options.gigabytes} GB and a little more`)

  const { recipient } = await makeKeys(home)
  await using stores = new StoreSupply({ database, recipient, home, bundle: options.bundle })
  const speeds: Speed[] = []
  for (const compression of [options.xz, parseCompression('zstd:3'), parseCompression('none')]) {
    if (!options.only.includes(compression.format)) continue
    chapter(`The action and the shell pipeline at ${compression.text}`)
    const { rounds } = options
    speeds.push(await compareSpeed(stores, compression, { rounds, dumpBytes, tell: console.log }))
  }
  if (speeds.length > 0) add('Speed', speedReport(speeds), speedVerdicts(speeds))

  if (options.only.includes('levels')) {
    chapter('The compressors alone')
    const levels = await compareLevels(await stores.placeFor(0), dumpBytes)
    add('Levels of compression', levelsReport(levels), [])
  }
  if (options.only.includes('memory')) {
    chapter('Memory and disk of the runner')
    const small = await measureMemory(stores, dumpBytes)
    await growShop(shop, LARGER * dumpBytes)
    const large = await measureMemory(stores, LARGER * dumpBytes)
    add('Memory and disk', memoryReport([small, large]), memoryVerdicts([small, large]))
  }
  if (options.only.includes('terabyte')) {
    chapter('A simulated terabyte')
    const simulated = await simulateTerabyte(options.terabyteBytes)
    add('A terabyte', terabyteReport(simulated), terabyteVerdicts(simulated))
  }

  const summary = verdictReport(verdicts)
  if (verdicts.length > 0) {
    chapter('What was promised')
    console.log(summary)
  }
  const minutes = ((performance.now() - begun) / 60_000).toFixed(0)
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')
  const taken =
    `Taken on ${date.toISOString().slice(0, 10)} by \`${command}\` in ${minutes} min on ${machine} ` +
    `Load average of the machine before it began: ${loadBefore}.`
  console.log(`\n${taken}`)
  if (isWhole(options)) {
    await writePage(join(checkout, 'docs/performance.md'), [taken, summary, ...sections].join('\n\n'))
    console.log('Written to docs/performance.md.')
  }
  if (!verdicts.every(({ met }) => met)) process.exitCode = 1
}

function chapter(title: string): void {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(3, 96 - title.length))}\n`)
}
