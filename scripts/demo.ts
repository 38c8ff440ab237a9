import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startPostgres } from '../__tests__/support/postgres-server.ts'
import { fillShop } from '../demo/shop.ts'
import { checkout } from './bundle.ts'
import { backUp } from './demo/back-up.ts'
import { comparison } from './demo/comparison.ts'
import { makeKeys } from './demo/keys.ts'
import { recover } from './demo/recover.ts'

// Five thousand orders.
const SCALE = Number(process.env['DEMO_SCALE'] ?? '0.5')
const output = join(checkout, 'demo-output')

// Ctrl-C reaches the children too; leaving through `exit` lets each server remove its folder.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const begun = performance.now()

await rm(output, { recursive: true, force: true })
await mkdir(join(output, 'bucket'), { recursive: true })

chapter('A shop on a PostgreSQL server of its own')
await using production = await startPostgres()
await fillShop(production, 'shop', { scale: SCALE })
const size = await production.psql('SELECT pg_size_pretty(pg_database_size(current_database()))', 'shop')
console.log(`PostgreSQL ${production.major} on 127.0.0.1:${production.port}, database shop, ${size}`)

chapter('The action backs it up, as a runner would start it')
const keys = await makeKeys(output)
const backup = await backUp(production.url('shop'), keys.recipient, output)

chapter('The recovery lines of its manifest, executed on a second, fresh server')
await using fresh = await startPostgres()
await recover(backup, keys.identityFile, fresh, output)

chapter('Source and copy, compared by a program that shares nothing with the action')
const { differences, table } = await comparison(production, fresh, 'shop', output)
console.log(table)

console.log(`
Look at:
  demo-output/bucket/${backup.manifestKey}
  demo-output/summary.md      what the job's page would show
  demo-output/recovery.sh     the lines that were just executed
  demo-output/comparison.md   every table, sequence, role and setting with its digest
  demo-output/key.txt         opens the backup:
    cd demo-output/recovered && age -d -i key.txt ${backup.dumpFile} | xz -dc | pg_restore --list`)
const seconds = ((performance.now() - begun) / 1000).toFixed(0)
if (differences.length === 0) {
  console.log(
    `\nThe restored database equals its source. ${seconds} s. Both servers are stopped and removed.`,
  )
} else {
  for (const difference of differences) console.error(difference)
  console.error(`\nThe restored database differs from its source in ${differences.length} points.`)
  process.exitCode = 1
}

function chapter(title: string): void {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(3, 96 - title.length))}\n`)
}
