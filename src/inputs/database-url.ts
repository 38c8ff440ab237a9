import { parseConnection, type Connection } from '../postgres/connection.ts'
import { exposureWarnings } from '../postgres/exposure.ts'
import { LIBPQ_VARIABLES } from '../postgres/libpq-parameters.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'

export interface DatabaseUrl {
  readonly connection: Connection
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
}

/** Reads the input of that name; undefined where it is not given, or wrong: then `problems` says how. */
export function readDatabaseUrl(given: Given, problems: Problems, name: string): DatabaseUrl | undefined {
  const url = given.value(name)
  if (url === undefined) return undefined
  const parsed = problems.attempt(given.label(name), () => parseConnection(url))
  if (!parsed) return undefined
  return { ...parsed, warnings: [...exposureWarnings(parsed.connection), ...unread(given, url)] }
}

/** Somebody who set `PGSSLMODE=verify-full` believes that it holds. */
function unread(given: Given, url: string): string[] {
  return Object.entries(LIBPQ_VARIABLES)
    .filter(
      ([variable, parameter]) => given.variable(variable) !== undefined && !url.includes(`${parameter}=`),
    )
    .map(
      ([variable, parameter]) =>
        `${variable} is set, and not read: only the URL says how a database is reached. ` +
        `Write ${parameter}=… into the URL, or remove the variable.`,
    )
}
