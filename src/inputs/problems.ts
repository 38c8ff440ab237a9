import { LifeboatError } from '../errors.ts'

/** Collects what is wrong with the inputs, so that somebody who mends them need not run ten times. */
export interface Problems {
  /** `sentence` follows the input's name: what is wrong, and what to do. */
  add(input: string, sentence: string): void
  /** Runs `read`; what it throws as `input` becomes a problem of `input` (without `input` it fails at once). */
  attempt<T>(input: string, read: () => T): T | undefined
  readonly any: boolean
  /** `input`, with a line for each problem. */
  failure(): LifeboatError
}

export function collectProblems(): Problems {
  const lines: string[] = []
  const add = (input: string, sentence: string): void => {
    const line = `${input}: ${sentence.replace(/\s*\n\s*/g, ' ').trim()}`
    if (!lines.includes(line)) lines.push(line)
  }
  return {
    add,
    attempt(input, read) {
      try {
        return read()
      } catch (error) {
        if (!(error instanceof LifeboatError) || error.code !== 'input') throw error
        add(input, [withoutSubject(error.message, input), error.hint].filter((text) => text).join(' '))
        return undefined
      }
    },
    get any() {
      return lines.length > 0
    },
    failure() {
      const count = lines.length === 1 ? 'A setting is wrong' : `${lines.length} settings are wrong`
      return new LifeboatError('input', [`${count}; nothing was touched.`, ...lines].join('\n'), {
        hint: 'Correct the inputs of this step (`with:`) or the environment variables behind them, and run again.',
      })
    },
  }
}

/** A parser may begin its message with the input's name, which the line already does. */
function withoutSubject(message: string, input: string): string {
  return message.startsWith(`${input} `) || message.startsWith(`${input}: `)
    ? message.slice(input.length).replace(/^:?\s+/, '')
    : message
}
