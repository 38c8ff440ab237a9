import { failed, passed, type Finding } from '../catalog/finding.ts'
import { calledBy, callsOurs, localCall } from './workflow-calls.ts'
import type { Job, Step, Values, Workflow } from './workflow-file.ts'

/** What reached the step that runs now. */
export interface Arriving {
  /** The job's id; undefined on a laptop. */
  readonly job: string | undefined
  /** Names of the environment variables that have a value. */
  readonly variables: ReadonlySet<string>
  /** Names of the inputs that have a value. */
  readonly inputs: ReadonlySet<string>
  /** Names of both that nothing needs here: a search server's key where there is no search server. */
  readonly unneeded?: ReadonlySet<string>
}

const NAME = 'secrets arrive'

/** Which secrets of this very step are empty: the doctor's own step is the one whose values can be seen. */
export function judgeSecrets(files: readonly Workflow[], arriving: Arriving): Finding[] {
  if (arriving.job === undefined) return []
  const empty: string[] = []
  let wanted = 0
  const look = (values: Values, has: (name: string) => boolean): void => {
    for (const [name, value] of Object.entries(values)) {
      // What a variable may stand in for is missed by whoever reads the input, if at all.
      const secrets = /\bvars\./.test(value) || arriving.unneeded?.has(name) ? [] : secretsIn(value)
      wanted += secrets.length
      if (secrets.length > 0 && !has(name)) empty.push(`${secrets.join(', ')} (as ${name})`)
    }
  }
  for (const { file, job, step } of doctorSteps(files, arriving.job)) {
    // The nearest one holds.
    look({ ...file.values, ...job.values, ...step.values }, (name) => arriving.variables.has(name))
    look(step.inputs, (name) => arriving.inputs.has(name))
  }
  if (wanted === 0) return []
  if (empty.length === 0) return [passed(NAME, `${wanted} that this step asks for have a value.`)]
  return [
    failed(
      NAME,
      `empty: ${[...new Set(empty)].join('; ')}.`,
      'They do not exist under this name in the repository, the organization or the environment of the job; or the run comes from a fork; or the calling workflow lacks secrets: inherit.',
    ),
  ]
}

/** Whether workflows that call others of the repository hand over the secrets that those use. */
export function judgeCalls(files: readonly Workflow[]): Finding[] {
  return files.flatMap((file) =>
    file.jobs.flatMap((job) => {
      const called = calledBy(job, files)
      if (!called && localCall(job) !== undefined) return [unknownCall(file, job)]
      const missing = missingSecrets(job, called)
      if (missing.length === 0) return []
      return [
        failed(
          NAME,
          `${file.path}, job ${job.id}: ${called?.path ?? job.uses ?? ''} gets no ${missing.join(', ')}; they are empty there.`,
          'Add secrets: inherit to the job that calls it, or name each of them.',
        ),
      ]
    }),
  )
}

/** Of a workflow that stands elsewhere only that it gets none at all can be seen. */
function missingSecrets(job: Job, called: Workflow | undefined): readonly string[] {
  const { secrets } = job
  if (secrets === 'inherit') return []
  if (called) return secretsOf(called).filter((name) => !secrets.includes(name))
  return callsOurs(job) && secrets.length === 0 ? ['secret at all'] : []
}

function unknownCall({ path }: Workflow, { id, uses = '' }: Job): Finding {
  return failed(
    'called workflows',
    `${path}, job ${id}: ${uses} is not in this repository, so GitHub runs nothing of ${path}.`,
    'Correct the path, or write <owner>/<repository>/.github/workflows/<file>@<tag> for a workflow of another one.',
  )
}

function doctorSteps(files: readonly Workflow[], id: string): { file: Workflow; job: Job; step: Step }[] {
  return files.flatMap((file) =>
    file.jobs
      .filter((job) => job.id === id)
      .flatMap((job) =>
        job.steps.filter(({ command }) => command === 'doctor').map((step) => ({ file, job, step })),
      ),
  )
}

function secretsOf({ values, jobs }: Workflow): string[] {
  const all = jobs.flatMap((job) => [
    job.values,
    ...job.steps.flatMap((step) => [step.values, step.inputs, { run: step.run }]),
  ])
  const names = [values, ...all].flatMap((each) => Object.values(each).flatMap(secretsIn))
  // GitHub gives it to everybody.
  return [...new Set(names)].filter((name) => name.toUpperCase() !== 'GITHUB_TOKEN')
}

/** Names of the secrets in `${{ secrets.A || secrets['B'] }}`. */
function secretsIn(text: string): string[] {
  const expressions = text.match(/\$\{\{.*?\}\}/gs) ?? []
  return expressions.flatMap((expression) =>
    [...expression.matchAll(/\bsecrets(?:\.|\[\s*')([A-Za-z_]\w*)/g)].map(([, name]) => name ?? ''),
  )
}
