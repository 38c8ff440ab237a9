import { parseDocument } from 'yaml'

/** What is judged of a workflow file; anything else in it plays no part. */
export interface Workflow {
  readonly path: string
  /** Of `on.schedule`. */
  readonly crons: readonly string[]
  /** Whether other workflows call it. */
  readonly called: boolean
  readonly values: Values
  readonly shell: string | undefined
  readonly jobs: readonly Job[]
}

export interface Job {
  readonly id: string
  readonly needs: readonly string[]
  readonly condition: string
  readonly continueOnError: boolean
  /** A workflow that it calls. */
  readonly uses: string | undefined
  readonly secrets: 'inherit' | readonly string[]
  readonly values: Values
  readonly shell: string | undefined
  readonly steps: readonly Step[]
}

export interface Step {
  readonly uses: string
  readonly run: string
  readonly shell: string | undefined
  readonly condition: string
  readonly continueOnError: boolean
  /** `command` under `with`. */
  readonly command: string | undefined
  readonly inputs: Values
  readonly values: Values
}

/** Under `env` or `with`. */
export type Values = Readonly<Record<string, string>>

/** Undefined, with the reason, where it is no YAML, or no workflow. */
export function parseWorkflow(
  path: string,
  text: string,
): Workflow | { readonly path: string; readonly wrong: string } {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error) return { path, wrong: error.message.split('\n')[0] ?? 'it is no YAML' }
  const root = asMap(document.toJS())
  const jobs = asMap(root['jobs'])
  if (Object.keys(jobs).length === 0) return { path, wrong: 'it has no jobs' }
  const on = triggers(root['on'])
  const schedules = Array.isArray(on['schedule']) ? on['schedule'] : []
  return {
    path,
    crons: schedules.map((each) => asText(asMap(each)['cron'])),
    called: 'workflow_call' in on,
    values: asValues(root['env']),
    shell: defaultShell(root),
    jobs: Object.entries(jobs).map(([id, job]) => readJob(id, asMap(job))),
  }
}

/** `on: push`, `on: [push, schedule]` or a map. */
function triggers(on: unknown): Readonly<Record<string, unknown>> {
  if (typeof on === 'string') return { [on]: null }
  if (Array.isArray(on)) return Object.fromEntries(on.map((each) => [asText(each), null]))
  return asMap(on)
}

function readJob(id: string, job: Readonly<Record<string, unknown>>): Job {
  const { needs, uses, secrets, steps } = job
  return {
    id,
    needs: (Array.isArray(needs) ? needs : needs === undefined ? [] : [needs]).map(asText),
    condition: asText(job['if']),
    continueOnError: asText(job['continue-on-error']) === 'true',
    uses: typeof uses === 'string' ? uses : undefined,
    secrets: secrets === 'inherit' ? 'inherit' : Object.keys(asMap(secrets)),
    values: asValues(job['env']),
    shell: defaultShell(job),
    steps: (Array.isArray(steps) ? steps : []).map((step) => readStep(asMap(step))),
  }
}

function readStep(step: Readonly<Record<string, unknown>>): Step {
  const inputs = asValues(step['with'])
  return {
    uses: asText(step['uses']),
    run: asText(step['run']),
    shell: typeof step['shell'] === 'string' ? step['shell'] : undefined,
    condition: asText(step['if']),
    continueOnError: asText(step['continue-on-error']) === 'true',
    command: inputs['command'],
    inputs,
    values: asValues(step['env']),
  }
}

function defaultShell(within: Readonly<Record<string, unknown>>): string | undefined {
  const shell = asMap(asMap(within['defaults'])['run'])['shell']
  return typeof shell === 'string' ? shell : undefined
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}

function asValues(value: unknown): Values {
  return Object.fromEntries(Object.entries(asMap(value)).map(([name, each]) => [name, asText(each)]))
}
