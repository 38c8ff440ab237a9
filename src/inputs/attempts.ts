import type { Given } from './given.ts'
import type { Problems } from './problems.ts'

/** What an input is, as `parse` reads it; undefined where it is not given, or wrong: then `problems` says how. */
export type Attempt = <T>(name: string, parse: (text: string) => T) => T | undefined

export function attempts(given: Given, problems: Problems): Attempt {
  return (name, parse) => {
    const text = given.value(name)
    return text === undefined ? undefined : problems.attempt(given.label(name), () => parse(text))
  }
}
