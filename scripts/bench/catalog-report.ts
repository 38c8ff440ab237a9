import type { ListedCatalog, PlannedCatalog } from './catalog.ts'
import type { Verdict } from './verdict.ts'

const MOST_SECONDS = 2
const MOST_RSS = 256e6
const PAGE = 1_000

export function catalogVerdicts(planned: PlannedCatalog, listing: ListedCatalog): Verdict[] {
  const backups = planned.backups.toLocaleString('en-US')
  const needed = Math.ceil(listing.objects / PAGE)
  return [
    {
      what: `processor time to plan the retention of ${backups} backups`,
      measured: `${planned.seconds.toFixed(2)} s`,
      limit: `below ${MOST_SECONDS} s`,
      met: planned.seconds < MOST_SECONDS,
    },
    {
      what: 'memory of node for it',
      measured: megabytes(planned.peakRss),
      limit: `below ${megabytes(MOST_RSS)}`,
      met: planned.peakRss < MOST_RSS,
    },
    {
      what: 'list requests of that prune',
      measured: String(listing.lists),
      limit: `one a thousand objects: ${needed}`,
      met: listing.lists === needed,
    },
  ]
}

export function catalogReport(planned: PlannedCatalog, listing: ListedCatalog): string {
  return [
    `Grouping and planning a listing of ${planned.backups.toLocaleString('en-US')} backups takes ${planned.seconds.toFixed(2)} processor seconds and, with node itself, ${megabytes(planned.peakRss)} of memory.`,
    `The whole \`command: prune\` with \`dry-run\` over ${listing.objects.toLocaleString('en-US')} objects sends ${listing.lists} list requests and ${listing.others} others (unfinished uploads, versioning), takes ${listing.seconds.toFixed(1)} s with a store on the same machine, and peaks at ${megabytes(listing.peakRss)}: most of it is what the parsing of XML leaves to the garbage collector.`,
  ].join(' ')
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
