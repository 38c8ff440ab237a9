import { expect, it } from '@jest/globals'
import { runAction } from '../support/action-runner.ts'
import { listed } from '../support/catalog-listing.ts'
import { startListingServer } from '../support/listing-server.ts'
import { hoursAgo } from '../support/prune-step.ts'

const BACKUPS = 25_000
const FILES = 4

it('asks for one page a thousand objects and for nothing else, whatever would go', async () => {
  const now = new Date()
  // Oldest first, as their names sort.
  const object = (index: number) => {
    const number = Math.floor(index / FILES)
    const time = hoursAgo(BACKUPS - number, now)
    const found = listed('db/', { time, number, verdicts: ['ok'] })[index % FILES]
    if (!found) throw new Error('a backup has fewer files')
    return found
  }
  await using server = await startListingServer(BACKUPS * FILES, object)
  const result = await runAction({
    inputs: {
      command: 'prune',
      bucket: 'huge',
      endpoint: server.endpoint,
      keep: 'last=24 daily=30 monthly=12',
      'dry-run': 'true',
      confirm: 'app',
    },
    env: { R2_ACCESS_KEY_ID: 'somebody', R2_SECRET_ACCESS_KEY: 'some-secret-key' },
  })
  expect(result.exitCode).toBe(0)
  expect(Number(result.outputs['removed']) + Number(result.outputs['kept'])).toBe(BACKUPS)
  expect(Number(result.outputs['removed'])).toBeGreaterThan(BACKUPS - 100)
  const lists = server.requests.filter((line) => line.includes('list-type=2'))
  expect(lists).toHaveLength((BACKUPS * FILES) / 1_000)
  expect(server.requests.filter((line) => !lists.includes(line))).toEqual([
    expect.stringMatching(/^GET \/huge\/\?.*uploads=/),
    expect.stringMatching(/^GET \/huge\/\?.*versioning=/),
  ])
  expect(Buffer.byteLength(result.summary)).toBeLessThan(1_048_576)
})
