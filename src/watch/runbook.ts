import { failed, notChecked, passed, type Examination, type Finding } from '../catalog/finding.ts'

/**
 * Where a line of the runbook waits for somebody who knows: `<<FILL IN: address of the store>>`. With `…` it is only spoken
 * of, in a line that stays.
 */
const PLACEHOLDER = /<<FILL IN:(?! *…>>) ?([^>]*)>>/g
const SHOWN = 5

/** Whether the runbook says what somebody will need at three in the morning. `text`: undefined where there is none. */
export function runbookExamination(path: string, text: string | undefined): Examination {
  return { area: 'Runbook', examine: () => [judge(path, text)] }
}

function judge(path: string, text: string | undefined): Finding {
  if (text === undefined) {
    return notChecked(
      path,
      'there is none in the workspace.',
      `Copy ${path} of Lifeboat into the repository and fill it in; actions/checkout has to run before this step.`,
    )
  }
  const open = text
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(PLACEHOLDER)].map(([, what]) => `line ${index + 1} (${what?.trim() ?? ''})`),
    )
  if (open.length === 0) return passed(path, 'no placeholder is left.')
  const more = open.length > SHOWN ? ` and ${open.length - SHOWN} more` : ''
  return failed(
    path,
    `${open.length} places are not filled in: ${open.slice(0, SHOWN).join(', ')}${more}.`,
    'Fill them in now: on the night that it is needed nobody can look them up.',
  )
}
