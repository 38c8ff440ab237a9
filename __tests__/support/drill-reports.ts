import type { DrillCheck, DrillLeg } from '../../src/catalog/drill.ts'
import type { DrillReport } from '../../src/report/drill-report.ts'

/** Text that a page must show, and never obey. */
export const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=https://evil.example/x onerror=alert(1)>',
  `'--></style></title><svg onload=alert(1)>`,
  'left\u202eright\u0000\n\r',
  'x'.repeat(300),
  '数据库'.repeat(40),
].join(' ')

const check = (
  what: string,
  summary: string,
  seconds: number,
  outcome: DrillCheck['outcome'] = 'passed',
): DrillCheck => ({
  what,
  outcome,
  summary,
  seconds,
})

/** A drill of a database and of search; with `text` in the place of everything that comes from outside. */
export function drillReport({
  failed = false,
  text,
  legs,
}: { failed?: boolean; text?: string; legs?: readonly DrillLeg[] } = {}): DrillReport {
  const told = (standard: string): string => text ?? standard
  const database: DrillLeg = {
    title: `Database "${told('shop')}"`,
    targetSeconds: 7_200,
    recoverySeconds: failed ? undefined : 312.4,
    seconds: 505.1,
    facts: [
      ['Backup', '20261122T021500Z-1a2b3c'],
      ['Snapshot', '2026-11-22T02:15:00.000Z'],
      ['Hours that would be lost', '9.8'],
      ['Bytes as stored', '1288490188'],
      ['Tables', '41'],
      ['Rows', '1234567'],
    ],
    checks: failed
      ? [
          check('manifest', "The manifest is this backup's and names 3 artifacts.", 0.1),
          check('stored', 'A stored object is missing or is not what the manifest recorded.', 41.5, 'failed'),
        ]
      : [
          check('manifest', "The manifest is this backup's and names 3 artifacts.", 0.1),
          check('stored', '3 objects, 1288490188 bytes, each with the recorded size and SHA-256.', 41.5),
          check('equal', told('41 tables with 1234567 rows are equal to what the snapshot held.'), 88),
          check('expectations', 'No expectations were given.', 0, 'skipped'),
          check('negative-control', 'A row deleted from the copy was noticed.', 1.2),
        ],
    problems: failed ? ['stored: A stored object is missing or is not what the manifest recorded.'] : [],
  }
  const search: DrillLeg = {
    title: 'Search "meilisearch", from its backup',
    targetSeconds: 1_800,
    recoverySeconds: failed ? undefined : 61,
    seconds: 70.3,
    facts: [
      ['Indexes', '5'],
      ['Documents', '125000'],
    ],
    checks: [
      failed
        ? check('restored', 'The archive is whole. Import into a server: NOT MEASURED.', 3, 'not-measured')
        : check('restored', 'The archive is whole, and a server took all of it.', 61),
    ],
    problems: failed ? ['Not everything that proves the backup was measured.'] : [],
  }
  const practised = legs ?? [database, search]
  return {
    started: new Date('2026-11-22T12:00:00Z'),
    finished: new Date('2026-11-22T12:09:36Z'),
    legs: practised,
    acceptance:
      practised.length === 0
        ? []
        : [
            check(
              told('the shop answers (https://staging.shop.example.com/)'),
              'answered 200 after 312 ms',
              0.3,
            ),
            check(
              'search finds (https://staging.shop.example.com/search)',
              failed ? 'answered 503 instead of 200' : 'answered 200 after 41 ms',
              0.1,
              failed ? 'failed' : 'passed',
            ),
          ],
    totalSeconds: 576.2,
    totalTargetSeconds: 14_400,
    problems:
      practised.length === 0
        ? ['There is no backup at all, so nothing could be recovered.']
        : practised.flatMap(({ title, problems }) => problems.map((problem) => `${title}: ${problem}`)),
    store: told('R2 bucket shop-backups of 0123456789abcdef0123456789abcdef'),
    prefix: 'db/',
    lifeboat: '0.1.0',
    run: {
      repository: told('shop/infra'),
      workflow: 'Recovery drill',
      run: '4711',
      attempt: '1',
      actor: told('ann'),
      event: 'schedule',
      commit: '0123456789abcdef0123456789abcdef01234567',
      runner: 'GitHub Actions 12',
    },
  }
}
