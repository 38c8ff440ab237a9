import { describe, expect, it } from '@jest/globals'
import type { PostgresManifest } from '../../../src/catalog/manifest.ts'
import { backupOutputs } from '../../../src/report/backup-outputs.ts'
import type { BackupReport } from '../../../src/report/backup-report.ts'
import { backupSummary } from '../../../src/report/backup-summary.ts'
import { redactor } from '../../../src/report/redact.ts'
import { renderSummary } from '../../../src/report/summary.ts'

const RECIPIENT = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'

function manifest(overrides: Partial<PostgresManifest> = {}): PostgresManifest {
  return {
    format: 1,
    lifeboat: '0.1.0',
    id: '20261122T021500Z-1a2b3c',
    source: 'postgres',
    name: 'shop',
    started: '2026-11-22T02:14:58.000Z',
    finished: '2026-11-22T02:18:03.250Z',
    run: {},
    artifacts: [
      {
        role: 'dump',
        file: 'shop.dump.xz.age',
        bytes: 1_000_000,
        sha256: 'a'.repeat(64),
        plainBytes: 6_125_000,
        compression: 'xz:6',
        recipients: [RECIPIENT],
      },
      {
        role: 'globals',
        file: 'shop.globals.sql.xz.age',
        bytes: 900,
        sha256: 'b'.repeat(64),
        plainBytes: 2_000,
        compression: 'xz:6',
        recipients: [RECIPIENT],
      },
    ],
    snapshot: { time: '2026-11-22T02:15:00.000Z', wal: '0/16B3748' },
    server: {
      version: '15.18',
      versionNumber: 150018,
      systemIdentifier: '7',
      standby: false,
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      localeProvider: 'libc',
      locale: null,
    },
    tools: { pg_dump: '15.18' },
    contents: {
      fingerprint: 'digest',
      databaseBytes: 12_582_912,
      tables: 41,
      rows: 123_456,
      largeObjects: 2,
      perTable: [],
    },
    notes: ['Subscriptions are not carried.'],
    seconds: { snapshot: 0.4, dump: 180 },
    recovery: [
      'createdb --encoding=UTF8 shop',
      'age -d -i key.txt shop.dump.xz.age | xz -dc | pg_restore -d shop',
    ],
    ...overrides,
  }
}

function report(overrides: Partial<BackupReport> = {}): BackupReport {
  return {
    manifest: manifest(),
    folder: 'db/shop/20261122T021500Z-1a2b3c/',
    store: 'R2 bucket shop-backups',
    download: 'aws s3 cp --recursive s3://shop-backups/db/ .',
    largest: [
      { name: 'public.orders', rows: 100_000, bytes: 8_388_608 },
      { name: 'public.events', rows: null, bytes: 4_194_304 },
    ],
    waits: [],
    warnings: [],
    ...overrides,
  }
}

const rendered = (...args: Parameters<typeof backupSummary>): string =>
  renderSummary(backupSummary(...args), { redact: redactor([]) })

describe("a backup's summary", () => {
  it('says what, where, how large, how long and how to restore', () => {
    const markdown = rendered([report()], [])
    for (const text of [
      '## Backup of shop',
      '| Snapshot | 2026-11-22 02:15:00 UTC |',
      '| Server | PostgreSQL 15.18, UTF8 |',
      '| Database | 12.0 MiB with indexes, 41 tables, 123,456 rows, 2 large objects |',
      '| Store | R2 bucket shop-backups |',
      '| Size | 5.84 MiB raw, 977 KiB stored&#58; 6.1 times smaller |',
      '| Encrypted to | 1 recipient |',
      '| Time | 3 min 05 s |',
      '| dump | 3 min 00 s |',
      '| <code>public.orders</code> | 100,000 | 8.00 MiB |',
      '| <code>public.events</code> | not counted | 4.00 MiB |',
      '- Subscriptions are not carried.',
      'age -d -i key.txt shop.dump.xz.age | xz -dc | pg_restore -d shop',
      'xychart-beta',
    ]) {
      expect(markdown).toContain(text)
    }
    expect(markdown).not.toContain('Look at this')
  })

  it('says loudly that a backup is not encrypted', () => {
    const artifacts = manifest().artifacts.map((artifact) => ({ ...artifact, recipients: [] }))
    expect(rendered([report({ manifest: manifest({ artifacts }) })], [])).toContain(
      'nobody&#58; NOT ENCRYPTED',
    )
  })

  it('begins with what has to be acted on', () => {
    const markdown = rendered([report({ warnings: ['public.orders lost 60 % of its rows.'] })], [])
    expect(markdown.indexOf('lost 60 % of its rows')).toBeLessThan(markdown.indexOf('| Snapshot |'))
    expect(markdown).toContain('### Look at this')
  })

  it('says of several databases which failed, and why', () => {
    const crm = report({ manifest: manifest({ name: 'crm', id: '20261122T022000Z-4d5e6f' }) })
    const markdown = rendered([report(), crm], [{ name: 'legacy', reason: 'pg_dump exited with 1.' }])
    expect(markdown).toContain('## 1 of 3 backups failed')
    expect(markdown).toContain('| <code>legacy</code> | pg_dump exited with 1. |')
    expect(markdown).toContain('<details><summary>crm, 20261122T022000Z-4d5e6f</summary>')
  })

  it('stays harmless for a table with a hostile name and a database with another', () => {
    const name = 'x\n ::set-output name=backup-id::gotcha | <img src=x onerror=alert(1)> @team'
    const hostile = report({
      manifest: manifest({ name }),
      largest: [
        { name, rows: 1, bytes: 1 },
        { name, rows: 1, bytes: 2 },
      ],
    })
    const markdown = rendered([hostile], [{ name, reason: name }])
    expect(markdown).not.toContain('<img')
    expect(markdown).not.toContain('@team')
    expect(markdown.split('\n').filter((line) => /^\s*::|##\[/.test(line))).toEqual([])
    const rows = markdown.split('\n').filter((line) => line.includes('gotcha') && line.startsWith('|'))
    expect(rows).toHaveLength(4)
  })
})

describe("a backup's outputs", () => {
  it('speak of the one backup that was made', () => {
    const outputs = backupOutputs([report()])
    expect(outputs).toEqual({
      'backup-id': '20261122T021500Z-1a2b3c',
      name: 'shop',
      key: 'db/shop/20261122T021500Z-1a2b3c/shop.dump.xz.age',
      'manifest-key': 'db/shop/20261122T021500Z-1a2b3c/manifest.json',
      bytes: '1000000',
      'raw-bytes': '6125000',
      'compression-ratio': '6.13',
      sha256: 'a'.repeat(64),
      'snapshot-time': '2026-11-22T02:15:00.000Z',
      'duration-seconds': '185.3',
      tables: '41',
      rows: '123456',
      backups: expect.any(String),
    })
    const [only] = JSON.parse(outputs.backups) as Record<string, unknown>[]
    expect(only).toMatchObject({ 'backup-id': '20261122T021500Z-1a2b3c', bytes: 1_000_000, rows: 123_456 })
  })

  it('are empty but for the list where there are several, or none', () => {
    const outputs = backupOutputs([report(), report()])
    expect(outputs['backup-id']).toBe('')
    expect(JSON.parse(outputs.backups)).toHaveLength(2)
    expect(backupOutputs([]).backups).toBe('[]')
  })

  it('are empty where nothing was measured', () => {
    const { contents } = manifest()
    const uncounted = report({ manifest: manifest({ contents: { ...contents, rows: null } }) })
    expect(backupOutputs([uncounted]).rows).toBe('')
  })
})
