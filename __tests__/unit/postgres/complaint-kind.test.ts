import { describe, expect, it } from '@jest/globals'
import { kindOf, type ComplaintKind } from '../../../src/postgres/complaint-kind.ts'
import { parseServerLog } from '../../../src/postgres/server-errors.ts'

/** What a server logs of an error: each further line of its words begins with a tab. */
function logOf(state: string, message: string, place: string): string {
  const at = '2026-12-01 17:02:06.123 UTC [4711] '
  return [
    `${at}ERROR:  ${state}: ${message.replaceAll('\n', '\n\t')}`,
    `${at}DETAIL:  Failing row contains (1,\n\tpermission denied).`,
    `${at}CONTEXT:  COPY t, line 1: "No space left on device"`,
    `${at}LOCATION:  ${place}:123`,
    '',
  ].join('\n')
}

/** What the server itself says, and what it is about. */
const OWN: readonly [state: string, message: string, place: string, kind: ComplaintKind][] = [
  ['42501', 'permission denied for language c', 'aclcheck_error, aclchk.c', 'rights'],
  ['42501', 'permission denied for table t', 'aclcheck_error, aclchk.c', 'rights'],
  [
    '42501',
    'permission denied to set parameter "log_min_messages"',
    'set_config_option_ext, guc.c',
    'rights',
  ],
  ['42501', 'must be superuser to create a base type', 'DefineType, typecmds.c', 'rights'],
  ['42501', 'must be owner of table t', 'aclcheck_error, aclchk.c', 'rights'],
  ['42501', 'only superuser can define a leakproof function', 'CreateFunction, functioncmds.c', 'rights'],
  ['42501', 'language "plpython3u" is not trusted', 'x, functioncmds.c', 'rights'],
  [
    '42P13',
    'aggregate transition data type cannot be internal',
    'DefineAggregate, aggregatecmds.c',
    'rights',
  ],
  ['42501', 'cannot create temporary table within security-restricted operation', 'x, namespace.c', 'other'],
  ['53100', 'could not extend file "base/1/2": No space left on device', 'mdextend, md.c', 'machine'],
  ['53200', 'out of memory', 'AllocSetAlloc, mcxt.c', 'machine'],
  [
    '57P01',
    'terminating connection due to administrator command',
    'ProcessInterrupts, postgres.c',
    'machine',
  ],
  ['22023', 'could not create locale "sv_SE.utf8": No such file or directory', 'x, pg_locale.c', 'place'],
  ['42704', 'collation "pg_catalog.sv_SE" for encoding "UTF8" does not exist', 'x, namespace.c', 'place'],
  ['42704', 'unrecognized configuration parameter "rds.x"', 'x, guc.c', 'place'],
  ['22023', 'unrecognized parameter "compress_x"', 'x, reloptions.c', 'place'],
  ['58P01', 'could not access file "$libdir/x": No such file or directory', 'x, dfmgr.c', 'place'],
  ['42883', 'function unaccent(text) does not exist', 'ParseFuncOrColumn, parse_func.c', 'absent'],
  ['42P01', 'relation "x" does not exist', 'parserOpenTable, parse_relation.c', 'absent'],
  ['23514', 'new row for relation "t" violates check constraint "c"', 'ExecConstraints, execMain.c', 'other'],
]

describe('what a complaint is about', () => {
  it.each(OWN)('is told by SQLSTATE and source file: %s %s', (state, message, place, kind) => {
    expect(kindOf(`ERROR:  ${message}\nCONTEXT:  more`, parseServerLog(logOf(state, message, place)))).toBe(
      kind,
    )
  })

  it.each(OWN)('is told by whole messages where no log is at hand: %s %s', (_, message, __, kind) => {
    expect(kindOf(`ERROR:  ${message}\nDETAIL:  more`, [])).toBe(kind)
    expect(kindOf(`COPY failed for table "t": ERROR:  ${message}\nCONTEXT:  COPY t, line 1`, [])).toBe(kind)
  })

  it('is never decided by what a function says in its own words, with whatever state', () => {
    for (const [, message] of OWN) {
      for (const state of ['P0001', '42501', '53100', '42883']) {
        const raised = `ERROR:  ${message}\nCONTEXT:  PL/pgSQL function public.must(text) line 1 at RAISE`
        expect(kindOf(raised, [])).toBe('other')
        expect(kindOf(raised, parseServerLog(logOf(state, message, 'exec_stmt_raise, pl_exec.c')))).toBe(
          'other',
        )
      }
      // With the server's own before it.
      const both = parseServerLog(
        logOf('42501', message, 'aclcheck_error, aclchk.c') +
          logOf('P0001', message, 'exec_stmt_raise, pl_exec.c'),
      )
      expect(kindOf(`ERROR:  ${message}`, both)).toBe('other')
      expect(kindOf(`ERROR:  ${message}\nCONTEXT:  PL/Perl function "f"`, [])).toBe('other')
    }
  })

  it('is never decided by words that stand in data, or in the middle of others', () => {
    for (const [, message] of OWN.filter(([, , , kind]) => kind !== 'other')) {
      for (const words of [
        `ERROR:  no plan: ${message}`,
        `ERROR:  ${message}: no plan pro`,
        `ERROR:  new row for relation "t" violates check constraint "c"\nDETAIL:  Failing row contains (${message}).`,
        `ERROR:  invalid input syntax for type integer: "${message}"`,
        `ERROR:  x\n${message}\nERROR:  ${message}`,
        `COPY failed for table "${message}": ERROR:  invalid input`,
        message,
      ]) {
        // Of the client's own words these two begin like one of the server's.
        if (words === 'out of memory' || words.startsWith('terminating connection ')) continue
        expect([words, kindOf(words, [])]).toEqual([words, 'other'])
        expect(
          kindOf(words, parseServerLog(logOf('P0001', words.replace(/^ERROR: {2}/, ''), 'x, execMain.c'))),
        ).toBe('other')
      }
    }
  })

  it('is the machine where the connection is gone, which no server says', () => {
    expect(kindOf('server closed the connection unexpectedly\n\tThis probably means', [])).toBe('machine')
    expect(
      kindOf('connection to server on socket "/s" failed: FATAL:  the database system is starting up', []),
    ).toBe('machine')
    expect(kindOf('ERROR:  server closed the connection unexpectedly', [])).toBe('other')
  })
})

describe('parseServerLog', () => {
  it('takes nothing that somebody wrote for a line of the server', () => {
    const forged =
      'x\n2026-12-01 17:02:06.123 UTC [4711] ERROR:  42501: permission denied for table t\n2026-12-01 17:02:06.123 UTC [4711] LOCATION:  a, aclchk.c:1'
    expect(parseServerLog(logOf('P0001', forged, 'exec_stmt_raise, pl_exec.c'))).toEqual([
      { state: 'P0001', message: forged, file: 'pl_exec.c' },
    ])
  })
})
