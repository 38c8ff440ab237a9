/** One job as it ran. */
export interface JobRun {
  /** As in its workflow, be that one called or not. */
  readonly id: string
  readonly matrix: Readonly<Record<string, unknown>>
  readonly result: string
  /** Names of the steps' mains that ran, with how each ended. */
  readonly steps: Readonly<Record<string, string>>
  /** Of all its steps. */
  readonly outputs: Readonly<Record<string, string>>
  /** What its steps wrote into the summary. */
  readonly summary: string
}

/** A line of `act --json`. */
interface Line {
  readonly job?: string
  readonly jobID?: string
  readonly matrix?: Readonly<Record<string, unknown>>
  readonly msg?: string
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly content?: string
  readonly stage?: string
  readonly step?: string
  readonly stepResult?: string
  readonly jobResult?: string
}

/** What `act --json` said, as jobs and as one text. */
export function readRun(text: string): { readonly log: string; readonly jobs: readonly JobRun[] } {
  const lines = text.split('\n').filter((line) => line !== '')
  const read = lines.map((line): Line => (line.startsWith('{') ? (JSON.parse(line) as Line) : { msg: line }))
  const log = read
    .filter(({ command }) => command !== 'add-mask')
    .map(({ job, msg = '' }) => `${job === undefined ? '' : `[${job}] `}${msg.trimEnd()}`)
  const byJob = new Map<string, Line[]>()
  for (const line of read.filter(({ jobID }) => jobID !== undefined)) {
    const leg = JSON.stringify([line.job, line.jobID, line.matrix])
    byJob.set(leg, [...(byJob.get(leg) ?? []), line])
  }
  // A job that only calls a workflow has no steps; the called jobs are there themselves.
  const jobs = [...byJob.values()].filter((each) => each.some(({ step }) => step !== undefined))
  return { log: log.join('\n'), jobs: jobs.map(jobRun) }
}

function jobRun(lines: readonly Line[]): JobRun {
  const { jobID = '', matrix = {} } = lines[0] ?? {}
  const ended = lines.filter(({ stage, stepResult }) => stage === 'Main' && stepResult !== undefined)
  const outputs = lines.filter(({ command }) => command === 'set-output')
  return {
    id: jobID,
    matrix,
    result: lines.findLast(({ jobResult }) => jobResult !== undefined)?.jobResult ?? 'unfinished',
    steps: Object.fromEntries(ended.map(({ step = '', stepResult = '' }) => [step, stepResult])),
    outputs: Object.fromEntries(outputs.map(({ name = '', arg = '' }) => [name, arg])),
    summary: lines
      .flatMap(({ command, content = '' }) => (command === 'summary' ? [content] : []))
      .join('\n'),
  }
}
