import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { copyFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parseManifest, manifestOf } from '../../../src/catalog/manifest.ts'
import { stopwatch } from '../../../src/catalog/stopwatch.ts'
import type { ClimbedRung } from '../../../src/catalog/verification.ts'
import { systemClock } from '../../../src/catalog/ports.ts'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { preparedProver } from '../../../src/postgres/prove.ts'
import { ladder } from '../../../src/proof/ladder.ts'
import { runAction } from '../../support/action-runner.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { recordingLog } from '../../support/recording-log.ts'

/**
 * An archive whose code runs in every rung (rows, indexes, statistics, views, amcheck, expectations) and fails where it
 * finds a superuser in its database, or itself to be one.
 */
const WATCHFUL = `
CREATE SCHEMA tools; CREATE SCHEMA checks;
CREATE EXTENSION citext WITH SCHEMA tools;
CREATE FUNCTION alone(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_database() <> 'watchful' AND EXISTS (
    SELECT FROM pg_catalog.pg_roles r WHERE r.rolsuper AND (r.rolname IN (current_user, session_user) OR r.oid IN (
      SELECT usesysid FROM pg_catalog.pg_stat_activity a WHERE a.datname = pg_catalog.current_database())))
  THEN RAISE EXCEPTION 'a superuser is here'; END IF;
  RETURN id;
END $$;
CREATE TABLE public.t (id int CHECK (public.alone(id) > 0), name tools.citext);
INSERT INTO public.t SELECT g, 'n' || g FROM generate_series(1, 500) g;
GRANT SELECT ON public.t TO master;
CREATE INDEX t_alone ON public.t (public.alone(id));
CREATE MATERIALIZED VIEW public.m AS SELECT public.alone(id) AS id FROM public.t;
ALTER DATABASE watchful SET search_path = tools, public;
ALTER DATABASE watchful CONNECTION LIMIT 0;
`

describe('a verification', () => {
  let folder: string
  let source: PostgresServer
  let server: PostgresServer
  const directory = (): string => join(folder, 'bucket')

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-leaves-'))
    const config = {
      log_connections: 'on',
      log_disconnections: 'on',
      log_line_prefix: '%c|%u|%d|',
    }
    ;[source, server] = await Promise.all([startPostgres(), startPostgres({ config, superuser: 'master' })])
    await source.psql('CREATE DATABASE watchful')
    // A role of the source may be called like anybody here.
    await source.psql('CREATE ROLE master')
  })
  afterAll(async () => {
    await source[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it.each([
    ['a server that is given', false, ''],
    ['a throwaway server', true, ''],
    ['a throwaway server, of an archive with amcheck', true, 'CREATE EXTENSION amcheck WITH SCHEMA checks'],
  ])('has its superuser in the copy only while that is empty: %s', async (_, ownRoles, more) => {
    await rm(directory(), { recursive: true, force: true })
    await source.psql('DROP DATABASE watchful')
    await source.psql('CREATE DATABASE watchful')
    await source.psql(`${WATCHFUL}${more}`, 'watchful')
    const { rungs, copy } = await prove(ownRoles)
    const outcomes = Object.fromEntries(rungs.map(({ rung, outcome }) => [rung, outcome]))
    expect(rungs.flatMap(({ findings = [] }) => findings)).toEqual([])
    expect(outcomes).toEqual({
      restored: 'passed',
      equal: 'passed',
      references: 'skipped',
      views: 'passed',
      expectations: 'passed',
      amcheck: 'passed',
      'negative-control': 'passed',
    })
    const membersOfSuperusers = `SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolsuper`
    expect(await server.psql(membersOfSuperusers)).toBe('0')
    const sessions = sessionsIn(copy)
    expect(sessions.filter(({ user }) => user === server.superuser)).toHaveLength(1)
    const [first, ...others] = sessions
    expect(first?.user).toBe(server.superuser)
    expect(others.length).toBeGreaterThan(5)
    for (const { began } of others) expect(began).toBeGreaterThan(first?.ended ?? Number.POSITIVE_INFINITY)
  })

  /** In the order in which they began; numbers are lines of the server's log. */
  const sessionsIn = (database: string): { user: string; began: number; ended: number }[] => {
    const lines = server.log().split('\n')
    return lines.flatMap((line, began) => {
      const [id = '', user = '', name = '', said = ''] = line.split('|')
      if (name !== database || !/connection authorized/.test(said)) return []
      const ended = lines.findIndex((each) => each.startsWith(`${id}|`) && / disconnection:/.test(each))
      return [{ user, began, ended: ended < 0 ? Number.POSITIVE_INFINITY : ended }]
    })
  }

  const prove = async (ownRoles: boolean): Promise<{ rungs: readonly ClimbedRung[]; copy: string }> => {
    const backup = await runAction({
      inputs: {
        command: 'backup',
        bucket: `file://${directory()}`,
        compression: 'none',
        'age-recipients': 'none',
      },
      env: { DATABASE_URL: source.url('watchful') },
    })
    expect(backup.exitCode).toBe(0)
    const place = dirname(join(directory(), backup.outputs['manifest-key'] ?? ''))
    const file = async (part: string): Promise<string> =>
      join(place, (await readdir(place)).find((name) => name.includes(part)) ?? part)
    const archive = join(folder, basename(await file('.dump')))
    await copyFile(await file('.dump'), archive)
    const manifest = parseManifest(await readFile(join(place, 'manifest.json')), 'manifest.json')
    const log = recordingLog()
    const { rungs, climb } = ladder({ log, clock: systemClock })
    let copy = ''
    let secrets = 0
    await using prover = preparedProver({
      place: {
        administrator: parseConnection(server.url()).connection,
        tools: { directory: server.binDir, version: '', environment: {} },
        ownRoles,
        major: Math.floor(manifestOf('postgres', manifest).server.versionNumber / 10_000),
        notes: [],
        lastWords: () => Promise.resolve(''),
        serverErrors: () => Promise.resolve([]),
      },
      plan: {
        expectations: {
          tables: [],
          queries: [
            { name: 'alone', sql: 'SELECT count(alone(id)) FROM t', min: 1, timeoutMs: 60_000, line: 1 },
          ],
          freshness: [],
          references: [],
        },
        extras: { negativeControl: true, amcheck: true },
      },
      temporary: folder,
      jobs: 2,
      secret: () => `${process.pid}${Date.now()}${secrets++}`.padStart(48, '0').split('').reverse().join(''),
      stallMs: 600_000,
      whileRestored: async ({ database }) => {
        copy = database
        return Promise.resolve()
      },
      dispose: () => Promise.resolve(),
    })
    await prover.prove(
      {
        manifest,
        archive: { kind: 'file', path: archive, done: () => rm(archive) },
        contents: await readFile(await file('.contents')),
        globals: await readFile(await file('.globals')),
        orphansBefore: undefined,
      },
      {
        log,
        clock: systemClock,
        watch: stopwatch(systemClock),
        signal: new AbortController().signal,
        memory: undefined,
        climb,
      },
    )
    return { rungs, copy }
  }
})
