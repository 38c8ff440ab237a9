import { failed, notChecked, passed, type Examination, type Finding } from '../catalog/finding.ts'
import { judgeOrder } from './workflow-order.ts'
import { judgeSchedule } from './workflow-schedule.ts'
import { judgeCalls, judgeSecrets, type Arriving } from './workflow-secrets.ts'
import { judgeSteps } from './workflow-steps.ts'
import { parseWorkflow, type Workflow } from './workflow-file.ts'

export interface RepositoryFiles {
  /** Undefined where the workspace has no `.github/workflows`. */
  readonly workflows: readonly { readonly path: string; readonly text: string }[] | undefined
  /** The commands of Lifeboat: how its steps are recognized. */
  readonly commands: readonly string[]
  /** What reached this step. */
  readonly arriving: Arriving
}

/** Whether the repository's own workflow files do what somebody believes they do. */
export function workflowsExamination(files: RepositoryFiles): Examination {
  return { area: 'Workflows', examine: () => examine(files) }
}

function* examine({ workflows, commands, arriving }: RepositoryFiles): Generator<Finding> {
  if (workflows === undefined || workflows.length === 0) {
    yield notChecked(
      'workflow files',
      'the workspace has no .github/workflows.',
      'Run actions/checkout before this step; on a laptop start in the repository.',
    )
    return
  }
  const read = workflows.map(({ path, text }) => parseWorkflow(path, text))
  for (const file of read) {
    if ('wrong' in file)
      yield failed(file.path, `cannot be read: ${file.wrong}.`, 'Correct it: GitHub runs nothing of it.')
  }
  const files = read.filter((file): file is Workflow => !('wrong' in file))
  const findings = [
    ...judgeSchedule(files),
    ...judgeOrder(files),
    ...judgeSecrets(files, arriving),
    ...judgeCalls(files),
    ...judgeSteps(files, commands),
  ]
  yield* findings
  if (findings.every(({ state }) => state === 'passed')) {
    yield passed('workflow files', `${files.length} read, and nothing is wrong with them.`)
  }
}
