import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { generateHybridIdentity, identityToRecipient } from 'age-encryption'
import { beginUpload, unfinishedPath } from '../../src/storage/directory/paths.ts'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair } from '../support/backup-step.ts'
import { plantedObjects, type Planted } from '../support/planted-backups.ts'
import { hoursAgo } from '../support/prune-step.ts'

const DAY = 24
/** Ten nights; the second newest is verified. */
const NIGHTS = Array.from({ length: 10 }, (_, night) => 3 + night * DAY)

type Sketch = Partial<Omit<Planted, 'name' | 'time'>> & { readonly hours: number }

describe('The action, told to check a directory', () => {
  let directory: string
  let recovery: string
  let drill: string
  let stranger: string
  let quantum: readonly string[]

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lifeboat-check-'))
    ;[recovery, drill, stranger] = await Promise.all([keyPair(), keyPair(), keyPair()]).then(
      (pairs) => pairs.map(({ recipient }) => recipient) as [string, string, string],
    )
    const hybrid = [await generateHybridIdentity(), await generateHybridIdentity()]
    quantum = await Promise.all(hybrid.map(identityToRecipient))
  })
  afterAll(() => rm(directory, { recursive: true }))

  const check = (inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
    runAction({
      inputs: {
        command: 'check',
        bucket: `file://${directory}`,
        targets: 'verified=8d recipients=2',
        'age-recipients': `${recovery} ${drill}`,
        'min-keep': '1',
        ...inputs,
      },
    })

  async function put(key: string, content: Buffer | string, time: Date): Promise<void> {
    const path = key.startsWith('/') ? key : join(directory, key)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    await utimes(path, time, time)
  }

  async function plant(name: string, sketches: readonly Sketch[], prefix: string): Promise<void> {
    for (const [number, { hours, ...sketch }] of sketches.entries()) {
      const backup = { name, time: hoursAgo(hours), recipients: [recovery, drill], number, ...sketch }
      for (const { key, content, time } of await plantedObjects(prefix, backup)) await put(key, content, time)
    }
  }

  /** A healthy name, with what is different about its newest backup or about all of them. */
  const healthy = (newest: Partial<Sketch> = {}, all: Partial<Sketch> = {}): Sketch[] =>
    NIGHTS.map((hours, night) => ({
      hours,
      ...(night === 1 && { verified: [{ verdict: 'ok', at: hoursAgo(hours - 4) }] }),
      ...all,
      ...(night === 0 && newest),
    }))
  const later = (sketches: readonly Sketch[], hours: number): Sketch[] =>
    sketches.map((sketch) => ({
      ...sketch,
      hours: sketch.hours + hours,
      ...(sketch.verified && {
        verified: sketch.verified.map(({ at, ...record }) => ({
          ...record,
          at: new Date(at.getTime() - hours * 3_600_000),
        })),
      }),
    }))

  /** From the tenth night back to the last of so many. */
  const olderNights = (nights: number): Sketch[] =>
    Array.from({ length: nights - NIGHTS.length }, (_, night) => ({
      hours: 3 + (NIGHTS.length + night) * DAY,
    }))
  const emptied = { rows: 0, plainBytes: 20_000 }
  const verifiedAs = (verdict: 'ok' | 'failed' | 'partial', hours: number): Partial<Sketch> => ({
    verified: [{ verdict, at: hoursAgo(hours) }],
  })
  /** Each is planted under its own name; what is expected is all that is found, no more. */
  const cases: Readonly<Record<string, { plant: () => readonly Sketch[]; finds: readonly string[] }>> = {
    'as-it-should-be': { plant: () => healthy(), finds: [] },
    'noisy-but-well': {
      plant: () => healthy({ rows: 14_000, seconds: 55 }, { rows: 12_000 }),
      finds: [],
    },
    late: { plant: () => later(healthy(), DAY), finds: ['late'] },
    stopped: { plant: () => later(healthy(), 5 * DAY), finds: ['stopped'] },
    'a-night-missed': {
      plant: () => healthy().filter((_, night) => night !== 5),
      finds: ['gap'],
    },
    'bad-but-new': {
      plant: () => [{ hours: 3, ...verifiedAs('failed', 1) }, ...later(healthy(), DAY)],
      finds: ['late', 'verification-failed'],
    },
    shrunk: { plant: () => healthy(emptied), finds: ['shrunk'] },
    'grown-tenfold': { plant: () => healthy({ rows: 130_000 }), finds: ['grown'] },
    'grown-in-bytes': { plant: () => healthy({ plainBytes: 81 * 2 ** 20 }), finds: ['grown'] },
    unencrypted: { plant: () => healthy({ recipients: [], suffix: '.xz' }), finds: ['unencrypted'] },
    'called-encrypted': {
      plant: () => healthy({ recipients: [], claimed: [recovery, drill] }),
      finds: ['unencrypted', 'unencrypted', 'unencrypted'],
    },
    'one-recipient': { plant: () => healthy({ recipients: [recovery] }), finds: ['recipients'] },
    'three-recipients': {
      plant: () => healthy({ recipients: [recovery, drill, stranger] }),
      finds: ['recipients'],
    },
    'of-another-kind': { plant: () => healthy({ recipients: quantum }), finds: ['recipients'] },
    'the-manifests-word': {
      plant: () => healthy({ recipients: [recovery, stranger] }),
      finds: ['recipients'],
    },
    'not-what-the-manifest-says': {
      plant: () => healthy({ recipients: [recovery], claimed: [recovery, drill] }),
      finds: ['recipients', 'recipients'],
    },
    'recipients-changed-since': { plant: () => healthy({}, {}).map(oldRecipients), finds: [] },
    unverified: { plant: () => healthy({}, { verified: [] }), finds: ['unverified'] },
    'only-partial': {
      plant: () => healthy(verifiedAs('partial', 1), { verified: [] }),
      finds: ['unverified'],
    },
    'verification-failed': {
      plant: () =>
        healthy().map((sketch, night) => (night === 2 ? { ...sketch, ...verifiedAs('failed', 1) } : sketch)),
      // That night nothing good was made.
      finds: ['gap', 'verification-failed'],
    },
    'verification-old': {
      plant: () =>
        healthy({}, { verified: [] }).map((sketch, night) =>
          night === 9 ? { ...sketch, ...verifiedAs('ok', 9 * DAY) } : sketch,
        ),
      finds: ['verification-old'],
    },
    'slow-restore': {
      plant: () => healthy({ verified: [{ verdict: 'ok', at: hoursAgo(1), rtoSeconds: 9_000 }] }),
      finds: ['slow-restore'],
    },
    'retention-not-run': {
      plant: () => [...healthy(), ...olderNights(40)],
      finds: ['retention'],
    },
    'retention-runs-tonight': { plant: () => [...healthy(), ...olderNights(32)], finds: [] },
    'two-databases': {
      plant: () =>
        healthy().map((sketch, night) => ({ ...sketch, system: night % 2 === 0 ? '7300' : '7301' })),
      finds: ['alternating'],
    },
    'moved-once': {
      plant: () => healthy().map((sketch, night) => ({ ...sketch, system: night < 4 ? '7300' : '7301' })),
      finds: [],
    },
    'dated-in-the-future': { plant: () => [{ hours: -48 }, ...healthy()], finds: ['future'] },
    'stray-attempt': {
      plant: () => [...healthy(), { hours: 15 * DAY, committed: false }],
      finds: ['stray-attempts'],
    },
    'a-young-attempt': { plant: () => [...healthy(), { hours: 1, committed: false }], finds: [] },
    'lost-manifest': {
      plant: () => [...healthy(), { hours: 28, committed: false, ...verifiedAs('ok', 27) }],
      finds: ['lost-manifest'],
    },
    'stray-upload': { plant: () => healthy(), finds: ['stray-uploads'] },
    'artifact-missing': { plant: () => healthy(), finds: ['damaged'] },
    'artifact-cut': { plant: () => healthy(), finds: ['damaged'] },
    'manifest-broken': { plant: () => healthy(), finds: ['damaged'] },
    '<script>alert(1)</script>|`##[error]': { plant: () => later(healthy(), DAY), finds: ['late'] },
  }

  function oldRecipients(sketch: Sketch, night: number): Sketch {
    return night > 3 ? { ...sketch, recipients: [stranger] } : sketch
  }

  const newestOf = async (name: string): Promise<string> => {
    const folder = join(directory, 'db', name)
    const newest = (await readdir(folder)).sort().at(-1) ?? ''
    return join(folder, newest)
  }

  it('finds what is planted, all of it and nothing else', async () => {
    for (const [name, { plant: sketches }] of Object.entries(cases)) await plant(name, sketches(), 'db/')
    const upload = beginUpload(
      'db/stray-upload/20261101T020000Z-0123ab/stray-upload.dump.xz.age',
      hoursAgo(20 * DAY),
      '0123abcd',
    )
    await put(unfinishedPath(directory, upload), 'half', hoursAgo(19 * DAY))
    await rm(join(await newestOf('artifact-missing'), 'artifact-missing.dump.xz.age'))
    await put(
      join(await newestOf('artifact-cut'), 'artifact-cut.dump.xz.age'),
      'age-encryption.org/v1\n',
      hoursAgo(3),
    )
    await put(join(await newestOf('manifest-broken'), 'manifest.json'), '{"format":1}', hoursAgo(3))

    const result = await check({ report: 'state.json' })
    expect(result.exitCode).toBe(1)
    const checked = JSON.parse(result.outputs['checked'] ?? '[]') as { name: string; breaches: string[] }[]
    expect(Object.fromEntries(checked.map(({ name, breaches }) => [name, breaches.sort()]))).toEqual(
      Object.fromEntries(Object.entries(cases).map(([name, { finds }]) => [name, [...finds].sort()])),
    )
    const breaches = JSON.parse(result.outputs['breaches'] ?? '[]') as {
      text: string
      hint: string
      name: string
    }[]
    expect(breaches.filter(({ text, hint }) => text.length < 20 || hint.length < 20)).toEqual([])
    // Each is named in the log and in the summary, and none of them as what it would like to be.
    for (const name of Object.keys(cases).filter((each) => /^[a-z-]+$/.test(each))) {
      const found = (cases[name]?.finds ?? []).length > 0
      expect([name, result.log.includes(`"${name}"`)]).toEqual([name, found])
    }
    expect(result.summary).toContain('NOT ENCRYPTED')
    expect(result.summary).not.toMatch(/<script|##\[/)
    expect(result.log).not.toMatch(/^##\[error/m)
  })

  it('is green where all is well, and says what it saw', async () => {
    await plant('shop', healthy(), 'well/')
    const [page, data] = [join(directory, 'state.html'), join(directory, 'state.json')]
    const result = await check({ prefix: 'well', report: `${page}, ${data}` })
    expect(result.log).not.toMatch(/breach/i)
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { healthy: 'true', breaches: '[]', 'rto-seconds': '300' },
    })
    expect(Number(result.outputs['rpo-seconds'])).toBeCloseTo(3 * 3600, -3)
    expect(Number(result.outputs['gap-seconds'])).toBeCloseTo(DAY * 3600, -3)
    expect(result.summary).toMatch(/Backups are well.* 1 database/)
    expect(result.summary).toMatch(/2 × X25519/)
    expect(result.summary).toContain('xychart-beta')
    const html = await readFile(page, 'utf8')
    expect(html).toMatch(/<h1>Backups of shop<\/h1>.*All is well/s)
    expect(html).toContain('createdb --template=template0 -- shop')
    const json = JSON.parse(await readFile(data, 'utf8')) as { names: { history: unknown[] }[] }
    expect(json).toMatchObject({ healthy: true, breaches: [], names: [{ name: 'shop', backups: 10 }] })
    expect(json.names[0]?.history).toHaveLength(10)
  })

  it('names what is unusual, and what became of backups and restores, and stays green', async () => {
    const restored = (hours: number, rtoSeconds: number): Partial<Sketch> => ({
      verified: [{ verdict: 'ok', at: hoursAgo(hours - 1), rtoSeconds }],
    })
    const nights = healthy({ seconds: 400, plainBytes: 30 * 2 ** 20 }).map((sketch, night) =>
      [0, 2, 4, 6].includes(night)
        ? { ...sketch, ...restored(sketch.hours, night === 0 ? 600 : 300) }
        : sketch,
    )
    await plant('odd', [...nights, { hours: 30, committed: false }], 'odd/')
    const data = join(directory, 'odd.json')
    const result = await check({ prefix: 'odd', report: data })
    expect(result).toMatchObject({ exitCode: 0, outputs: { breaches: '[]' } })
    expect(result.log).toMatch(/Worth a look: Bringing "odd" .* back took 2\.0 times the time/)
    expect(result.summary).toMatch(/10 min 00 s, usually 5 min 00 s.*Worth a look/s)
    const json = JSON.parse(await readFile(data, 'utf8')) as { names: unknown[] }
    expect(json.names).toEqual([
      expect.objectContaining({
        'usual-rto-seconds': 300,
        remarks: [
          expect.objectContaining({ what: 'restore', factor: 2 }),
          expect.objectContaining({ what: 'size', factor: 3.75 }),
          expect.objectContaining({ what: 'duration', factor: 10 }),
        ],
        rates: { backups: { begun: 8, committed: 7 }, restores: { ok: 5, failed: 0, partial: 0 } },
      }),
    ])
  })

  it('asks for no encryption where none is wanted, and for no proof where none is', async () => {
    await plant('open', healthy({}, { recipients: [], suffix: '.xz', verified: [] }), 'open/')
    expect(await check({ prefix: 'open', 'age-recipients': 'none', targets: '' })).toMatchObject({
      exitCode: 0,
    })
    const asked = await check({ prefix: 'open', targets: '', 'age-recipients': '' })
    expect(asked.log).toMatch(/10 backups of "open" are not encrypted/)
  })

  it('looks at one name alone', async () => {
    const result = await check({ name: 'late' })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(
      /Backup is late: The newest good backup, "late" .* is 1 d 3 h old; targets allow 1 d 2 h/,
    )
    expect(await check({ name: 'as-it-should-be' })).toMatchObject({ exitCode: 0 })
  })

  it('says that there is nothing where there is nothing', async () => {
    const result = await check({ prefix: 'nowhere' })
    expect(result).toMatchObject({ exitCode: 1, outputs: { healthy: 'false' } })
    expect(result.log).toMatch(/There is no backup at all/)
  })

  it('names all that is wrong with its inputs at once', async () => {
    const inputs = { targets: 'rpo=26 verfied=8d', report: 'state.pdf', 'expire-days': '0' }
    const result = await check(inputs)
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/3 settings are wrong; nothing was touched/)
    expect(result.log).toMatch(/targets: .*"26" is not a duration.*verified/s)
    expect(result.log).toMatch(/report: is not the path of an .html or .json file/)
    const rule = await check({ 'expire-days': '90' })
    expect(rule.log).toMatch(/expire-days: is for a bucket, and bucket names a directory/)
  })
})
