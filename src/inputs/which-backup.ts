import type { Choice } from '../catalog/choose.ts'
import { isBackupId } from '../catalog/names.ts'
import { LifeboatError } from '../errors.ts'
import { attempts } from './attempts.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'

/** Which backup is meant: `name`, `backup-id` and `before`. What is wrong is in `problems`. */
export function readChoice(given: Given, problems: Problems): Choice {
  const attempt = attempts(given, problems)
  const id = attempt('backup-id', parseId)
  const before = attempt('before', parseTime)
  if (given.value('backup-id') !== undefined && given.value('before') !== undefined) {
    problems.add('before', 'contradicts backup-id, which names one backup. Remove one of them.')
  }
  return { name: given.value('name'), id, before }
}

function parseId(text: string): string {
  if (isBackupId(text)) return text
  throw new LifeboatError('input', 'is no id of a backup.', {
    hint: 'It looks like 20261122T021500Z-1a2b3c: command list tells which there are.',
  })
}

/** A day, or a time with its offset: where it is left to guess, a restore may be hours off. */
function parseTime(text: string): Date {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const isTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.test(text)
  const time = new Date(isDay ? `${text}T00:00:00Z` : text.replace(' ', 'T'))
  if ((isDay || isTime) && !Number.isNaN(time.getTime())) return time
  throw new LifeboatError('input', 'is no time that can only mean one.', {
    hint: 'Write 2026-11-22T02:15:00Z, with Z for UTC or an offset, or a day (its beginning in UTC).',
  })
}
