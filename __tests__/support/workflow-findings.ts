import type { Finding } from '../../src/catalog/finding.ts'
import { workflowsExamination } from '../../src/watch/workflows.ts'
import type { Arriving } from '../../src/watch/workflow-secrets.ts'

const COMMANDS = ['backup', 'restore-verify', 'prune', 'check', 'doctor']
const ON_A_LAPTOP: Arriving = { job: undefined, variables: new Set(), inputs: new Set() }

/** What the doctor finds in the workflow files of a repository, by their names. */
export function workflowFindings(
  files: Readonly<Record<string, string>>,
  arriving: Arriving = ON_A_LAPTOP,
): Finding[] {
  const workflows = Object.entries(files).map(([name, text]) => ({ path: `.github/workflows/${name}`, text }))
  const examination = workflowsExamination({ workflows, commands: COMMANDS, arriving })
  return [...(examination.examine(new AbortController().signal) as Iterable<Finding>)]
}

/** A job of one step for each command. */
export function jobOf(...commands: readonly string[]): { steps: object[] } {
  return { steps: commands.map((command) => ({ uses: 'acme/lifeboat@v1', with: { command } })) }
}

/** A workflow file with these jobs, started every night. YAML takes JSON. */
export function nightly(jobs: Readonly<Record<string, object>>, cron = '17 2 * * *'): string {
  return JSON.stringify({ on: { schedule: [{ cron }] }, jobs })
}

/** A workflow file that others call. */
export function callable(jobs: Readonly<Record<string, object>>): string {
  return JSON.stringify({ on: { workflow_call: {} }, jobs })
}
