import type { Finding } from '../catalog/verification.ts'
import type { Comparison } from './compare-contents.ts'
import type { Contents } from './contents.ts'
import { unreadStatements, type GlobalStatement } from './globals-statements.ts'
import type { Inventory } from './inventory.ts'

/**
 * Compares what stands at the database itself. `found` is undefined where the server's roles are not ours: then it is
 * only known that the roles are in the globals.
 */
export function compareGlobals(
  expected: Contents,
  found: Pick<Inventory, 'settings' | 'acl' | 'owner'> | undefined,
  statements: readonly GlobalStatement[] | undefined,
): Comparison {
  if (statements === undefined) {
    return {
      differences: [],
      warnings: [],
      notes: ['NOT MEASURED: roles, settings and grants of the database; the backup has no globals.'],
    }
  }
  const created = new Set(statements.flatMap((each) => (each.kind === 'create-role' ? [each.role] : [])))
  const unread = unreadStatements(statements)
  const warnings = unread.map((sql) => `A statement of the globals is of no known kind: ${sql}`)
  // One that could not be read may be a role's.
  const lost = (unread.length > 0 ? [] : expected.roles)
    .filter((role) => !role.startsWith('pg_') && !created.has(role))
    .map((role): Finding => ({ what: `role ${role}`, expected: 'in the globals', found: 'not there' }))
  if (found === undefined) {
    return {
      differences: lost,
      warnings,
      notes: ['NOT MEASURED: owners, settings and grants of the database; the server’s roles are not ours.'],
    }
  }
  const settings = (list: Contents['settings']): string[] =>
    list.map(({ role, setting }) => (role === '' ? setting : `${setting} of ${role}`))
  return {
    differences: [
      ...lost,
      ...compareSets('setting of the database', settings(expected.settings), settings(found.settings)),
      ...compareSets('grant on the database', grantsOf(expected.acl), grantsOf(found.acl)),
      ...(expected.owner === found.owner
        ? []
        : [{ what: 'owner of the database', expected: expected.owner, found: found.owner }]),
    ],
    warnings,
    notes: [],
  }
}

/** What a finding expects of something that was not in the source. */
export const NONE_SUCH = 'none such'

/** Settings may be secrets: values are not told. */
function compareSets(what: string, expected: readonly string[], found: readonly string[]): Finding[] {
  const [wanted, there] = [new Set(expected), new Set(found)]
  const lost = expected.filter((each) => !there.has(each))
  const extra = found.filter((each) => !wanted.has(each))
  return [
    ...lost.map((each): Finding => ({
      what: `${what} ${nameOf(each)}`,
      expected: 'as in the source',
      found: 'missing or different',
    })),
    ...extra.map((each): Finding => ({
      what: `${what} ${nameOf(each)}`,
      expected: NONE_SUCH,
      found: 'one',
    })),
  ]
}

function nameOf(text: string): string {
  return text.split('=')[0] ?? ''
}

/**
 * `reader` may `C` create, `T` make temporary tables or `c` connect, with `*` where he may grant it on. Who granted it is
 * not stored: a restored grant is the owner's.
 */
export function grantsOf(acl: readonly string[]): string[] {
  const grants = new Map<string, boolean>()
  for (const item of acl) {
    // A name may hold anything within quotes.
    const [, grantee = '', privileges = ''] = /^("(?:[^"]|"")*"|[^"=]*)=([A-Za-z*]*)\//.exec(item) ?? []
    for (const [, privilege = '', option] of privileges.matchAll(/([A-Za-z])(\*?)/g)) {
      const grant = `${privilege} to ${grantee === '' ? 'PUBLIC' : grantee}`
      grants.set(grant, (grants.get(grant) ?? false) || option === '*')
    }
  }
  return [...grants].map(([grant, option]) => (option ? `${grant} with grant option` : grant))
}
