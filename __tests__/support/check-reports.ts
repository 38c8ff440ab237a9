import type { Breach } from '../../src/catalog/breach.ts'
import { backupId } from '../../src/catalog/names.ts'
import type { WatchedBackup, WatchedName } from '../../src/catalog/watched.ts'
import type { CheckReport } from '../../src/report/check-report.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
export const CHECKED = new Date('2026-11-24T08:00:00Z')

/** What `check` found of so many names; one in seven has something wrong with it. */
export function checkReport(names: readonly string[], change: Partial<CheckReport> = {}): CheckReport {
  return {
    now: CHECKED,
    store: 'R2 bucket shop-backups',
    prefix: 'db/',
    replica: undefined,
    lifeboat: '0.1.0',
    targets: { rpoMs: 26 * HOUR, gapMs: 26 * HOUR, rtoMs: 2 * HOUR, verifiedMs: 8 * DAY, recipients: 2 },
    policy: 'last=7 daily=30 monthly=12, min-keep=3',
    names: names.map(watchedName),
    breaches: [],
    notMeasured: [],
    rates:
      names.length === 0
        ? []
        : [
            {
              command: 'backup',
              success: 29,
              failure: 1,
              cancelled: 0,
              last: new Date(CHECKED.getTime() - 6 * HOUR),
            },
            {
              command: 'restore-verify',
              success: 8,
              failure: 0,
              cancelled: 1,
              last: new Date(CHECKED.getTime() - DAY),
            },
          ],
    foreign: 2,
    ...change,
  }
}

/** Thirty nights that grow, verified weekly, as `number` has it. */
export function watchedName(name: string, number: number): WatchedName {
  const isBad = number % 7 === 3
  const late = isBad ? 2 * DAY : 0
  const backups = Array.from({ length: 30 }, (_, night) => watchedBackup(night, number, late))
  const [newest] = backups
  const size = backups.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    name,
    total: { backups: backups.length, bytes: size, attempts: number % 3 },
    backups,
    newest: newest && { id: newest.id, time: newest.time, ageMs: CHECKED.getTime() - newest.time.getTime() },
    gap: {
      from: new Date(CHECKED.getTime() - 6 * DAY),
      to: new Date(CHECKED.getTime() - 5 * DAY),
      ms: DAY + 420_000,
    },
    verification: backups[1] && {
      id: backups[1].id,
      verdict: 'ok',
      time: new Date(backups[1].time.getTime() + 4 * HOUR),
    },
    proved: backups[1] && {
      id: backups[1].id,
      time: backups[1].time,
      at: new Date(backups[1].time.getTime() + 4 * HOUR),
    },
    restores: [1, 8, 15, 22].flatMap((night) => {
      const backup = backups[night]
      const time = new Date((backup?.time.getTime() ?? 0) + 4 * HOUR)
      return backup ? [{ id: backup.id, time, verdict: 'ok' as const, seconds: 1_900 - night * 31 }] : []
    }),
    usualRestoreSeconds: 1_388,
    replica: newest && {
      backups: 12,
      newest: { id: newest.id, time: newest.time, ageMs: CHECKED.getTime() - newest.time.getTime() },
    },
    rates: {
      backups: { begun: 8, committed: 7 },
      restores: { ok: 4, failed: 1, partial: number % 2 },
    },
    remarks: newest
      ? [
          { what: 'restore', id: newest.id, factor: 1.84 },
          { what: 'size', id: newest.id, factor: 0.31 },
        ]
      : [],
    encryption: '2 × X25519',
    retention: backups.map(({ id, bytes }, night) => ({
      id,
      bytes,
      stays: night < 28,
      reasons:
        night < 28
          ? [`daily ${night + 1} of 28`, ...(night === 1 ? ['newest verified backup'] : [])]
          : ['no rule keeps it'],
    })),
    recovery: newest && {
      id: newest.id,
      lines: [
        "# A PostgreSQL 17 server; this folder holds the backup's objects and key.txt.",
        `createdb --maintenance-db=postgres --template=template0 --encoding=UTF8 -- ${name}`,
        `age -d -i key.txt shop.dump.xz.age | xz -dc | PGOPTIONS='-c default_transaction_read_only=off' pg_restore --no-subscriptions -d shop`,
      ],
    },
    breaches: isBad && newest ? [breachOf(name, newest.id, late)] : [],
    notes: [],
  }
}

function breachOf(name: string, id: string, late: number): Breach {
  return { kind: 'late', name, id, ageMs: 6 * HOUR + late, limitMs: 26 * HOUR }
}

function watchedBackup(night: number, number: number, late: number): WatchedBackup {
  const time = new Date(CHECKED.getTime() - 6 * HOUR - late - night * DAY)
  const wave = Math.sin(night * 1.7 + number)
  const verified = night % 7 === 1
  return {
    id: backupId(time, ((number * 4_096 + night) % 0xffffff).toString(16).padStart(6, '0')),
    time,
    bytes: Math.round((1_450 - night * 9 + wave * 12) * 2 ** 20),
    plainBytes: Math.round((9_400 - night * 60) * 2 ** 20),
    rows: 48_000_000 - night * 120_000,
    seconds: Math.round(412 + wave * 60 + (night === 9 ? 600 : 0)),
    verification: verified
      ? { verdict: night === 15 ? 'failed' : 'ok', time: new Date(time.getTime() + 4 * HOUR) }
      : undefined,
  }
}
