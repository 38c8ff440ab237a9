import { catalogReader } from '../../src/catalog/listing.ts'
import { keepYoungRoomSmall } from '../../src/pipeline/garbage.ts'
import { NO_KEEP } from '../../src/retention/policy.ts'
import { planRetention } from '../../src/retention/plan.ts'

/**
 * Reads a listing of many backups as it would arrive, plans what goes, and prints what that took. A program of its own,
 * because peak memory is a process's: `node large-catalog.ts <backups>`.
 */
keepYoungRoomSmall()
const backups = Number(process.argv[2])
const now = new Date('2026-11-23T06:00:00Z')
const HOUR = 3_600_000
const FILES = ['app.contents.json.xz.age', 'app.dump.xz.age', 'app.globals.sql.xz.age', 'manifest.json']

// Of this thread: a busy machine is not what is measured.
const begin = process.threadCpuUsage()
const reader = catalogReader('db/')
for (let number = backups; number > 0; number--) {
  const time = new Date(now.getTime() - number * HOUR)
  const compact = time
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '')
  const folder = `db/app/${compact}-${number.toString(16).padStart(6, '0')}/`
  for (const file of FILES) reader.add({ key: `${folder}${file}`, size: 1_000_000, lastModified: time })
  if (number % 24 === 0)
    reader.add({ key: `${folder}verified-${compact}-ok.json`, size: 900, lastModified: time })
}
const [app] = reader.catalog().names
if (!app) throw new Error('nothing was listed')
const { decisions } = planRetention(
  app,
  {
    keep: { ...NO_KEEP, last: 24, daily: 30, weekly: 52, monthly: 120, yearly: 20 },
    days: 7,
    minKeep: 3,
    guards: { maxAgeMs: 72 * HOUR, maxDelete: 1 },
  },
  { now, confirmed: new Set(), uploads: [] },
)
const after = process.threadCpuUsage(begin)
console.log(
  JSON.stringify({
    milliseconds: Math.round((after.user + after.system) / 1000),
    peakBytes: process.resourceUsage().maxRSS * 1024,
    backups: decisions.length,
    removed: decisions.filter(({ stays }) => !stays).length,
  }),
)
