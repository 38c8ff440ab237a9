import { fillShop } from '../../../demo/shop.ts'
import { keyPair, type KeyPair } from '../../support/backup-step.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { startRadosgw, type Radosgw } from '../../support/radosgw.ts'
import type { ActResult } from './act.ts'
import { ownRepository } from './own-repository.ts'

/** Somebody's shop: its database, its bucket, its keys, and what they have put into their repository's settings. */
export interface Shop extends AsyncDisposable {
  readonly server: PostgresServer
  readonly store: Radosgw
  readonly keys: KeyPair
  /** The secrets and variables that the README asks for; an endpoint of its own in the place of R2's account. */
  readonly settings: {
    readonly secrets: Readonly<Record<string, string>>
    readonly vars: Readonly<Record<string, string>>
  }
  readonly elsewhere: Readonly<Record<string, string>>
  /** Folders of the backups in the store that have a manifest, oldest first. */
  backups(prefix?: string): Promise<string[]>
  /** The verdicts beside a backup. */
  verdicts(folder: string): Promise<string[]>
  /** Every secret that is in what the run has said, in logs, outputs and summaries. */
  secretsIn(run: ActResult): string[]
}

export async function openShop({
  databases = ['shop'],
  ...named
}: { databases?: readonly string[]; bucket?: string; hostName?: string } = {}): Promise<Shop> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startPostgres())
  const store = stack.use(await startRadosgw(named))
  const own = stack.use(await ownRepository())
  const keys = await keyPair()
  for (const database of databases) await fillShop(server, database, { scale: 0.01 })
  const secrets = {
    DATABASE_URL: server.url('shop'),
    R2_ACCESS_KEY_ID: store.accessKeyId,
    R2_SECRET_ACCESS_KEY: store.secretAccessKey,
    AGE_IDENTITY: keys.identity,
  }
  const vars = {
    BACKUP_BUCKET: store.bucket,
    BACKUP_REGION: store.region,
    R2_ENDPOINT: store.endpoint,
    AGE_RECIPIENT: keys.recipient,
  }
  const opened = stack.move()
  return {
    server,
    store,
    keys,
    settings: { secrets, vars },
    elsewhere: own.elsewhere,
    backups: async (prefix = 'db/') =>
      (await store.view.keys(prefix)).flatMap((key) => /^(.*\/)manifest\.json$/.exec(key)?.[1] ?? []),
    verdicts: async (folder) =>
      (await store.view.keys(folder)).flatMap(
        (key) => /verified-\d{8}T\d{6}Z-(\w+)\.json$/.exec(key)?.[1] ?? [],
      ),
    secretsIn: ({ log, jobs }) => {
      const said = [
        log,
        ...jobs.flatMap(({ outputs, summary }) => [summary, ...Object.values(outputs)]),
      ].join('\n')
      return [...Object.values(secrets), server.password].filter((secret) => said.includes(secret))
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
