import type { Remark } from '../catalog/watched.ts'
import { formatShare } from './format.ts'

/** Something worth a look, in one sentence. Plain text. */
export function describeRemark(name: string, { what, id, factor }: Remark): string {
  const backup = `"${name}" ${id}`
  switch (what) {
    case 'size':
      return `${backup} holds ${times(factor)} what backups of these 30 days usually hold.`
    case 'duration':
      return `${backup} took ${times(factor)} the time that a backup usually takes.`
    case 'restore':
      return `Bringing ${backup} back took ${times(factor)} the time that it usually took before.`
  }
}

/** `3.2 times`, `12 % of`. */
function times(factor: number): string {
  return factor < 1 ? `${formatShare(factor, 1)} of` : `${factor.toFixed(1)} times`
}
