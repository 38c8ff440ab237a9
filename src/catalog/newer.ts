import { z } from 'zod'
import { LifeboatError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { artifactRole } from './manifest-fields.ts'
import { FORMAT } from './names.ts'

/** What every manifest says of itself, whatever its format: read before anything else of it is believed. */
const envelope = z.object({
  format: z.number(),
  lifeboat: z.string().max(40).optional().catch(undefined),
  source: z.string().max(100).optional().catch(undefined),
  method: z.string().max(100).optional().catch(undefined),
  artifacts: z
    .array(z.object({ role: z.string().max(100) }))
    .optional()
    .catch(undefined),
})

const METHODS: readonly (string | undefined)[] = [undefined, 'dump']

/**
 * Throws `newer` where a manifest is of a later format, or a later Lifeboat wrote into it what this version does not know:
 * such a backup is good, only not ours to judge. The same words from no later version are nobody's, and the rest of the
 * reading finds them damaged. `sources` are those that this version knows; `key` is named.
 */
export function refuseNewer(content: unknown, key: string, sources: readonly string[]): void {
  const read = envelope.safeParse(content)
  if (!read.success) return
  const { format, lifeboat, source, method, artifacts = [] } = read.data
  if (format > FORMAT) throw newer(`${key} has format ${format}; this version knows ${FORMAT}.`)
  if (lifeboat === undefined || !isLater(lifeboat, VERSION)) return
  const roles = artifacts.map(({ role }) => role)
  const unknown =
    source !== undefined && !sources.includes(source)
      ? `the source ${source}`
      : !METHODS.includes(method)
        ? `the method ${String(method)}`
        : roles
            .filter((role) => !artifactRole.safeParse(role).success)
            .map((role) => `an artifact with the role ${role}`)[0]
  if (unknown === undefined) return
  throw newer(
    `${key} was written by Lifeboat ${lifeboat} and has ${unknown}, which this version, ${VERSION}, does not know.`,
  )
}

/** That a backup may not be read by this version; `message` says why. */
export function newer(message: string, more = ''): LifeboatError {
  return new LifeboatError('newer', message, {
    hint: `Use the version of Lifeboat that wrote it, or a newer one.${more}`,
  })
}

/** Whether `version` comes after `ours`: `0.10.0` after `0.9.1`. What is no version comes after nothing. */
export function isLater(version: string, ours: string): boolean {
  const [theirs, own] = [numbers(version), numbers(ours)]
  const differs = theirs.findIndex((number, index) => number !== own[index])
  return differs >= 0 && (theirs[differs] ?? 0) > (own[differs] ?? 0)
}

function numbers(version: string): readonly number[] {
  const match = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(version)
  return match ? match.slice(1).map(Number) : []
}
