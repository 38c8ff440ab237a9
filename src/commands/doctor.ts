import { failed, type Examination, type Finding } from '../catalog/finding.ts'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'

/** The findings of one examination. */
export interface Chapter {
  readonly area: string
  readonly findings: readonly Finding[]
}

/**
 * Runs every examination to its end, one after another: none is stopped by what another one found, or by its own
 * failure. Throws only where the run was cancelled.
 */
export async function doctor(
  examinations: readonly Examination[],
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<Chapter[]> {
  const chapters: Chapter[] = []
  for (const examination of examinations) {
    const { area } = examination
    const findings: Finding[] = []
    const add = (finding: Finding): void => {
      findings.push(finding)
      for (const line of linesOf(finding)) log.info(line)
    }
    await log.group(area, async () => {
      try {
        for await (const finding of examination.examine(signal)) add(finding)
      } catch (error) {
        signal.throwIfAborted()
        add(brokenOff(error))
      }
    })
    chapters.push({ area, findings })
  }
  return chapters
}

const SIGNS: Readonly<Record<Finding['state'], string>> = {
  passed: 'passed     ',
  advice: 'advice     ',
  failed: 'FAILED     ',
  'not-checked': 'not checked',
}

function linesOf({ what, state, found, todo }: Finding): string[] {
  const line = `${SIGNS[state]}  ${what}: ${found}`
  return todo === undefined ? [line] : [line, `             What to do: ${todo}`]
}

function brokenOff(error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof LifeboatError ? error.hint : undefined
  return failed(
    'the rest of these checks',
    `could not go on: ${message}`,
    hint ??
      'Look at the words of the other side; without them this is a defect of Lifeboat: please report it.',
  )
}
