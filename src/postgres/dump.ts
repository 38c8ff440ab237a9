import { join } from 'node:path'
import type { ProcessStage } from '../pipeline/stage.ts'
import type { ClientTools } from './client-tools.ts'

/**
 * Every table is locked by us before, so that it waits only behind somebody who waits for us: whoever watches the locks
 * ends that within seconds, and this is the net below.
 */
const LOCK_WAIT_MS = 60_000

/**
 * `pg_dump -Fc` of one snapshot, as a stage. Uncompressed (`-Z0`): what is compressed twice gains nothing, and xz
 * finds far more in plain bytes. `environment` is the whole environment; the database's name is in it, because as an
 * argument a name with `=` in it would be taken for a connection string.
 */
export function dumpStage(
  tools: ClientTools,
  {
    snapshot,
    encoding,
    environment,
  }: {
    snapshot: string
    /** The database's own: the role or the database may have another for its clients, which has fewer letters. */
    encoding: string
    environment: Readonly<Record<string, string>>
  },
): ProcessStage {
  return {
    kind: 'process',
    label: 'pg_dump',
    command: join(tools.directory, 'pg_dump'),
    args: [
      '--format=custom',
      '--compress=0',
      '--no-password',
      `--snapshot=${snapshot}`,
      `--encoding=${encoding}`,
      `--lock-wait-timeout=${LOCK_WAIT_MS}`,
    ],
    env: { ...environment, ...tools.environment },
  }
}
