import type { Breach } from '../catalog/breach.ts'
import { LifeboatError, type ErrorCode } from '../errors.ts'

/** Asks a store; what it does not let us see becomes a breach, or where it is not much, something not measured. */
export interface Asker {
  readonly breaches: Breach[]
  /** Sentences. */
  readonly notMeasured: string[]
  required<T>(what: string, ask: () => Promise<T>): Promise<T | undefined>
  optional<T>(what: string, ask: () => Promise<T>): Promise<T | undefined>
  /** The second store: whether it is closed or down, the first is judged all the same. */
  replica<T>(ask: () => Promise<T>): Promise<T | undefined>
}

export function asker(): Asker {
  const breaches: Breach[] = []
  const notMeasured: string[] = []
  return {
    breaches,
    notMeasured,
    required: (what, ask) =>
      attempt(ask, ['store-access'], ({ message, hint = '' }) => {
        breaches.push({ kind: 'rights', what, message, hint })
      }),
    optional: (what, ask) =>
      attempt(ask, ['store-access'], ({ message }) => {
        notMeasured.push(`${what}: ${message}`)
      }),
    replica: (ask) =>
      attempt(ask, ['store-access', 'store'], ({ code, message, hint = '' }) => {
        breaches.push({ kind: 'replica-unseen', message, hint: code === 'store' ? hint : REPLICA_KEYS })
      }),
  }
}

/** The store's own hint would speak of the first store's inputs. */
const REPLICA_KEYS =
  'Look at bucket, region and endpoint in replica, and whether REPLICA_ACCESS_KEY_ID and REPLICA_SECRET_ACCESS_KEY ' +
  'belong to it and may list there.'

async function attempt<T>(
  ask: () => Promise<T>,
  codes: readonly ErrorCode[],
  refused: (error: LifeboatError) => void,
): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof LifeboatError && codes.includes(error.code))) throw error
    refused(error)
    return undefined
  }
}
