import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { join } from 'node:path'
import { notChecked, type Examination, type Finding } from './catalog/finding.ts'
import { doctor } from './commands/doctor.ts'
import { LifeboatError } from './errors.ts'
import { COMMANDS } from './inputs.ts'
import { INPUTS } from './inputs/table.ts'
import { inputVariable, type Environment } from './inputs/given.ts'
import type { DoctorRequest } from './inputs/request.ts'
import { databaseExamination } from './postgres/examine-database.ts'
import { doctorOutputs, doctorSentence, doctorSummary, failureLines } from './report/doctor-report.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import { readOptional, readWorkflows } from './repository-files.ts'
import { storeExamination } from './storage/examine-store.ts'
import { inputsExamination } from './watch/inputs.ts'
import { keysExamination } from './watch/keys.ts'
import { runbookExamination } from './watch/runbook.ts'
import { workflowsExamination } from './watch/workflows.ts'
import { searchExaminationFor } from './wire-meilisearch.ts'
import { databasesOf, openStore, toolSearch, type Run } from './wiring.ts'

const RUNBOOK = 'RUNBOOK_DR.md'
/** The doctor is no backup: it says soon that something does not answer. */
const RETRIES = 2
const STALL_MS = 30_000
const PART_BYTES = 5 * 2 ** 20

/** `command: doctor`: looks at all there is, tells of it, and throws where anything failed. */
export async function runDoctor(
  request: DoctorRequest,
  run: Run & { readonly env: Environment },
): Promise<void> {
  const { reporter, signal } = run
  const { log } = reporter
  const examinations = [
    inputsExamination(request.inputs),
    storeOf(request, run),
    keysExamination({ recipients: request.recipients, identities: request.identities }),
    ...(await databasesIn(request, run)),
    ...searchIn(request),
    ...(await repositoryOf(request, run.env)),
  ]
  const report = await doctor(examinations, { log, signal })
  for (const [name, value] of Object.entries(doctorOutputs(report))) reporter.output(name, value)
  await reporter.summary(renderSummary(doctorSummary(report), { redact: reporter.redact }))
  log.info(doctorSentence(report))
  const failures = failureLines(report)
  if (failures.length === 0) return
  throw new LifeboatError('incomplete', [doctorSentence(report), ...failures].join('\n'), {
    hint: 'The summary, and the log above, say for each of them what to do. Run doctor again afterwards.',
  })
}

function storeOf({ store, prefix, deletes }: DoctorRequest, { reporter, signal }: Run): Examination {
  if (!store || prefix === undefined) {
    return unread('Store', 'where backups are kept cannot be read: see the inputs above.')
  }
  return storeExamination({
    open: () =>
      openStore(store, {
        journal: uploadJournal(reporter),
        signal,
        limits: {
          retries: RETRIES,
          stallMs: STALL_MS,
          ...(store.kind === 's3' && { partBytes: PART_BYTES }),
        },
      }),
    prefix,
    deletes,
    random: () => randomBytes(3).toString('hex'),
  })
}

async function databasesIn(request: DoctorRequest, run: Run): Promise<Examination[]> {
  const { connection, databases, pgBinDir } = request
  if (!connection) {
    return request.source === 'postgres'
      ? [unread('Database', 'database-url cannot be read: see the inputs above.')]
      : []
  }
  const tools = toolSearch({ pgBinDir }, run)
  const { log } = run.reporter
  const examination = (at: typeof connection): Examination =>
    databaseExamination({
      connection: at,
      tools,
      extensions: { ...tools, log },
      resolve: (host) => lookup(host, { all: true }),
      log,
    })
  try {
    const all = await databasesOf({ connection, databases }, run.signal)
    return all.map(examination)
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.code !== 'connection') throw error
    // The list cannot be had; the database in the URL says why.
    return [examination(connection)]
  }
}

function searchIn({ source, search }: DoctorRequest): Examination[] {
  if (search) return [searchExaminationFor(search)]
  return source === 'meilisearch'
    ? [unread('Meilisearch', 'meili-host cannot be read: see the inputs above.')]
    : []
}

async function repositoryOf({ search }: DoctorRequest, env: Environment): Promise<Examination[]> {
  const workspace = env['GITHUB_WORKSPACE'] ?? process.cwd()
  const isGiven = (name: string): boolean => (env[name] ?? '').trim() !== ''
  const arriving = {
    job: isGiven('GITHUB_JOB') ? env['GITHUB_JOB'] : undefined,
    variables: new Set(Object.keys(env).filter(isGiven)),
    inputs: new Set(INPUTS.map(({ name }) => name).filter((name) => isGiven(inputVariable(name)))),
    unneeded: new Set(search ? [] : ['MEILI_API_KEY', 'meili-api-key']),
  }
  return [
    workflowsExamination({ workflows: await readWorkflows(workspace), commands: COMMANDS, arriving }),
    runbookExamination(RUNBOOK, await readOptional(join(workspace, RUNBOOK))),
  ]
}

function unread(area: string, why: string): Examination {
  const finding: Finding = notChecked('everything', why)
  return { area, examine: () => [finding] }
}
