import { LifeboatError } from '../errors.ts'
import { didYouMean } from './nearest.ts'

/** How each key of a `key=value` list is read. */
export type SettingReaders = Readonly<Record<string, (text: string) => unknown>>

export type Settings<Readers extends SettingReaders> = {
  readonly [Key in keyof Readers]?: ReturnType<Readers[Key]>
}

/**
 * Reads `warn=50% fail=90%`: pairs separated by spaces, commas or line breaks. Throws `input` that names every
 * pair that is wrong.
 */
export function parseSettings<Readers extends SettingReaders>(
  text: string,
  readers: Readers,
): Settings<Readers> {
  const known = Object.keys(readers)
  const found = new Map<string, unknown>()
  const wrong: string[] = []
  for (const pair of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const [, key, value] = /^([^=]+)=(.+)$/.exec(pair) ?? []
    const read = key === undefined || !Object.hasOwn(readers, key) ? undefined : readers[key]
    if (key === undefined || value === undefined) {
      wrong.push(`"${pair}" is not of the form key=value, without spaces around "=".`)
    } else if (read === undefined) {
      wrong.push(`"${key}" is not one of ${known.join(', ')}.${didYouMean(key, known)}`)
    } else if (found.has(key)) {
      wrong.push(`"${key}" is given twice; keep one.`)
    } else {
      try {
        found.set(key, read(value))
      } catch (error) {
        if (!(error instanceof LifeboatError)) throw error
        wrong.push([`${key}: ${error.message}`, error.hint].filter((part) => part).join(' '))
      }
    }
  }
  if (wrong.length > 0) throw new LifeboatError('input', wrong.join(' '))
  // The map holds only keys of `readers`, each with what its own reader returned.
  return Object.fromEntries(found) as Settings<Readers>
}
