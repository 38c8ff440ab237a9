import { advice, failed, passed, type Examination, type Finding } from '../catalog/finding.ts'

export interface GivenInputs {
  readonly problems: readonly { readonly input: string; readonly sentence: string }[]
  /** Variables that arrive empty and stand in for an input. */
  readonly empty: readonly { readonly variable: string; readonly input: string; readonly secret: boolean }[]
  /** Names of the inputs that are given. */
  readonly read: readonly string[]
}

/** What is wrong with inputs and environment, and what arrives empty. */
export function inputsExamination(given: GivenInputs): Examination {
  return { area: 'Inputs and environment', examine: () => examine(given) }
}

function* examine({ problems, empty, read }: GivenInputs): Generator<Finding> {
  for (const { input, sentence } of problems) yield problem(input, sentence)
  for (const { variable, input, secret } of empty) {
    const found = `arrives empty, and ${input} is not given either.`
    yield secret
      ? failed(
          variable,
          found,
          'The secret behind it does not exist here: look at its name, at the environment of the job, and whether the run comes from a fork. A called workflow needs secrets: inherit.',
        )
      : advice(
          variable,
          found,
          'Look whether the variable behind it exists; remove the line where it is not needed.',
        )
  }
  if (problems.length === 0) yield passed('inputs', `${read.join(', ')} can be read.`)
}

/** The sentence says what is wrong and then what to do. */
function problem(input: string, sentence: string): Finding {
  const [what = sentence, ...todo] = sentence.split(/(?<=[.!?]) (?=[A-Z])/)
  return failed(
    input,
    what,
    todo.length > 0 ? todo.join(' ') : 'Correct the input, or the variable behind it.',
  )
}
