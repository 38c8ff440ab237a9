import { LifeboatError } from '../errors.ts'

/** Collects what is wrong with the inputs, so that somebody who mends them need not run ten times. */
export interface Problems {
  /** `sentence` follows the input's name: what is wrong, and what to do. */
  add(input: string, sentence: string): void
  /** Runs `read`; what it throws as `input` becomes a problem of `input` (without `input` it fails at once). */
  attempt<T>(input: string, read: () => T): T | undefined
  readonly any: boolean
  /** All of them so far, for whoever goes on in spite of them. */
  readonly listed: readonly Problem[]
  /** `input`, with a line for each problem. */
  failure(): LifeboatError
}

/** A variable that should have held an input. */
export interface EmptyVariable {
  readonly variable: string
  readonly input: string
  readonly secret: boolean
}

export interface Problem {
  readonly input: string
  readonly sentence: string
}

export function collectProblems(): Problems {
  const found = new Map<string, Problem>()
  const add = (input: string, text: string): void => {
    const sentence = text.replace(/\s*\n\s*/g, ' ').trim()
    found.set(`${input}: ${sentence}`, { input, sentence })
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
      return found.size > 0
    },
    get listed() {
      return [...found.values()]
    },
    failure() {
      const lines = [...found.keys()]
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
