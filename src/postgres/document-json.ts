import type { IndexDeclaration, SearchDocument } from '../catalog/reindex.ts'
import { LifeboatError } from '../errors.ts'
import type { DescribedQuery } from './describe-queries.ts'
import { jsonWriter } from './json-value.ts'

/** Writes a row, given as text forms in the order of the query's columns; `row` counts from 1 and is for messages. */
export type DocumentWriter = (values: readonly (string | null)[], row: number) => SearchDocument

export function documentWriter(
  { uid, line, primaryKey }: IndexDeclaration,
  { columns, keyColumn }: DescribedQuery,
): DocumentWriter {
  const members = columns.map(({ name, type }) => ({
    name: `${JSON.stringify(name)}:`,
    write: jsonWriter(type),
  }))
  return (values, row) => {
    if ((values[keyColumn] ?? null) === null) {
      throw new LifeboatError(
        'incomplete',
        `Row ${row} of the query of index "${uid}" (line ${line}) has no value in "${primaryKey}", the primary key.`,
        { hint: `Leave such rows out: WHERE "${primaryKey}" IS NOT NULL. Search is as it was.` },
      )
    }
    const written = members.map(({ write }, place) => write(values[place] ?? null))
    const text = `{${members.map(({ name }, place) => name + (written[place] ?? 'null')).join(',')}}`
    return { key: written[keyColumn] ?? 'null', text }
  }
}
