import { z } from 'zod'
import { parseDeclared } from '../../catalog/declared-file.ts'
import type { IndexSettings } from '../../catalog/reindex.ts'
import { LifeboatError } from '../../errors.ts'

/** Reads an index's settings, as JSON (what `GET /indexes/<uid>/settings` gives) or YAML. Throws `input`. */
export function parseIndexSettings(text: string, path: string): IndexSettings {
  return parseDeclared(text, z.record(z.string(), z.unknown()), (problems) => invalid(path, problems)).data
}

function invalid(path: string, problems: readonly string[]): LifeboatError {
  return new LifeboatError('input', [`The settings in ${path} are not valid.`, ...problems].join('\n'), {
    hint: 'They are an object, as GET /indexes/<uid>/settings of Meilisearch gives it.',
  })
}
