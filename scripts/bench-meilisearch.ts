import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAction } from '../__tests__/support/action-runner.ts'
import { meilisearchTarget } from '../__tests__/support/meilisearch-target.ts'
import { serveManyDocuments, smallDocument } from './bench/many-documents.ts'
import { watchStep } from './bench/step-watch.ts'

/**
 * `node scripts/run.mjs bench-meilisearch [documents]`: the memory of a backup of a million small documents, against its
 * limit. Where MEILISEARCH_URL names a real server (it is EMPTIED), also the time for 200,000 documents, against the
 * server's own dump of them.
 */

const MOST_RSS = 300e6
const MOST_TIMES = 3
const TIMED = 200_000

const documents = Number(process.argv[2] ?? 1_000_000)
const failures: string[] = []
await memory()
if (process.env['MEILISEARCH_URL']) await time()
for (const failure of failures) console.log(`NOT MET: ${failure}`)
process.exitCode = failures.length > 0 ? 1 : 0

async function memory(): Promise<void> {
  await using server = await serveManyDocuments(documents)
  const { rss, seconds } = await backUp({ MEILI_HOST: server.url })
  console.log(`${documents} documents: ${(rss / 1e6).toFixed(0)} MB at most, ${seconds.toFixed(1)} s.`)
  if (rss > MOST_RSS) failures.push(`${(rss / 1e6).toFixed(0)} MB are more than ${MOST_RSS / 1e6} MB.`)
}

async function time(): Promise<void> {
  await using target = await meilisearchTarget()
  const { client } = target
  await target.done(client.createIndex('products', 'id'))
  for (let from = 0; from < TIMED; from += 20_000) {
    const lines = Array.from({ length: 20_000 }, (_, i) => smallDocument(from + i))
    await target.done(client.addDocuments('products', Buffer.from(lines.join('\n'))))
  }
  const begun = performance.now()
  await target.done(client.createDump())
  const own = (performance.now() - begun) / 1000
  const { seconds } = await backUp({ MEILI_HOST: target.url, MEILI_API_KEY: target.masterKey })
  console.log(`${TIMED} documents: ${seconds.toFixed(1)} s, the server's own dump ${own.toFixed(1)} s.`)
  if (seconds > own * MOST_TIMES)
    failures.push(`${(seconds / own).toFixed(1)} times the server's own dump are more than ${MOST_TIMES}.`)
}

/** The bundle, into a directory, with its start and the age encryption. */
async function backUp(env: Record<string, string>): Promise<{ rss: number; seconds: number }> {
  const place = await mkdtemp(join(tmpdir(), 'lifeboat-bench-'))
  try {
    const begun = performance.now()
    await using step = await startAction({
      inputs: { command: 'backup', source: 'meilisearch', bucket: `file://${place}` },
      env: { AGE_RECIPIENT: 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p', ...env },
    })
    const peaks = watchStep(step.pid, [])
    const result = await step.finished()
    const seconds = (performance.now() - begun) / 1000
    const { rss } = await peaks()
    if (result.exitCode !== 0) throw new Error(result.log)
    return { rss, seconds }
  } finally {
    await rm(place, { recursive: true })
  }
}
