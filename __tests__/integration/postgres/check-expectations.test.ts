import { expect, it } from '@jest/globals'
import { checkExpectations } from '../../../src/postgres/check-expectations.ts'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { startPostgres } from '../../support/postgres-server.ts'

it('tries expectations on views, which our own queries never read', async () => {
  await using server = await startPostgres()
  await server.psql('CREATE TABLE t AS SELECT now() AS at; CREATE VIEW v AS SELECT * FROM t')
  const { connection } = parseConnection(server.url())
  await using session = await openSession(connection, new AbortController().signal)
  const common = { timeoutMs: 60_000, line: 1 }
  const report = await checkExpectations(
    session,
    {
      tables: [{ name: 'public.v', line: 1 }],
      queries: [{ ...common, name: 'v', sql: 'SELECT count(*) FROM v', equals: '1' }],
      freshness: [{ ...common, column: 'public.v.at', atMostMs: 3_600_000 }],
      references: [],
    },
    { snapshotTime: new Date(), searchPath: ['public'] },
  )
  expect(report).toMatchObject({ outcome: 'passed', summary: '3 of 3 expectations hold.' })
})
