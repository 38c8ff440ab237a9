import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkout } from './bundle.ts'
import { catalogReport, catalogVerdicts } from './bench/catalog-report.ts'
import { listLargeCatalog, planLargeCatalog } from './bench/catalog.ts'
import { describeMachine, load } from './bench/machine.ts'
import { terabyteReport, terabyteVerdicts } from './bench/memory-report.ts'
import { notebook } from './bench/notebook.ts'
import { isWhole, readOptions, USAGE } from './bench/options.ts'
import { writeBlock } from './bench/page.ts'
import { simulateTerabyte } from './bench/terabyte.ts'
import { verdictReport } from './bench/verdict.ts'
import { measureWithShop } from './bench/with-shop.ts'

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
  const machine = await describeMachine()
  const blocks = { backup: notebook(console.log), restore: notebook(console.log) }
  const notes = blocks.backup
  notes.say(machine)

  await measureWithShop(options, home, blocks)
  if (options.only.includes('terabyte')) {
    notes.chapter('A simulated terabyte')
    const simulated = await simulateTerabyte(options.terabyteBytes)
    notes.add('A terabyte', terabyteReport(simulated), terabyteVerdicts(simulated))
  }
  if (options.only.includes('catalog')) {
    notes.chapter('A prune of 100,000 backups')
    const planned = await planLargeCatalog()
    const listing = await listLargeCatalog(options.bundle)
    notes.add(
      'Retention of 100,000 backups',
      catalogReport(planned, listing),
      catalogVerdicts(planned, listing),
    )
  }

  const verdicts = [...notes.verdicts, ...blocks.restore.verdicts]
  if (verdicts.length > 0) {
    notes.chapter('What was promised')
    console.log(verdictReport(verdicts))
  }
  const minutes = ((performance.now() - begun) / 60_000).toFixed(0)
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')
  const taken =
    `Taken on ${date.toISOString().slice(0, 10)} by \`${command}\` in ${minutes} min on ${machine} ` +
    `Load average of the machine before it began: ${loadBefore}.`
  console.log(`\n${taken}`)
  for (const block of ['backup', 'restore'] as const) {
    if (!isWhole(block, options)) continue
    const { verdicts: found, sections } = blocks[block]
    const report = [taken, verdictReport(found), ...sections].join('\n\n')
    await writeBlock(join(checkout, 'docs/performance.md'), block, report)
    console.log(`Written to docs/performance.md: ${block}.`)
  }
  if (!verdicts.every(({ met }) => met)) process.exitCode = 1
}
