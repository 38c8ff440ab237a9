import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { BucketView } from './bucket-view.ts'
import { freePort } from './free-port.ts'
import { type CephPlace, cephConfig } from './radosgw-config.ts'

/**
 * A real S3 server: Ceph's radosgw with a monitor and an object daemon in memory, on loopback, in a folder of its
 * own. Takes about three seconds. Debian: `apt-get install --no-install-recommends radosgw ceph-mon ceph-osd
 * ceph-common`.
 */
export interface Radosgw extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Made, and empty. */
  readonly bucket: string
  /** Looks into the bucket past everything that is tested. */
  readonly view: BucketView
  readonly client: S3Client
}

const run = promisify(execFile)
const ACCESS_KEY_ID = 'AKIATESTACCESSKEY000'

export interface RadosgwOptions {
  readonly bucket?: string
  /** How long a day is for lifecycle rules, which are then enforced as often. */
  readonly lifecycleDaySeconds?: number
  /** What it is called by clients that do not come by its address. */
  readonly hostName?: string
}

export async function startRadosgw(options: RadosgwOptions = {}): Promise<Radosgw> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options)
    } catch (error) {
      // Its ports were free when they were chosen; somebody may have been faster.
      if (attempt === 3) throw error
    }
  }
}

async function startOnce({
  bucket = 'lifeboat-test',
  lifecycleDaySeconds,
  hostName = 'localhost',
}: RadosgwOptions): Promise<Radosgw> {
  const folder = await mkdtemp(join(tmpdir(), 'radosgw-'))
  const daemons: ChildProcess[] = []
  const stop = async () => {
    await Promise.all(daemons.map(kill))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const monPort = await freePort()
    const osdPort = await freePort()
    const rgwPort = await freePort()
    // Another one for each server: a test looks for its own in the command lines of the whole machine.
    const secretAccessKey = `test/secret+${randomUUID()}`
    const place = {
      folder,
      secretAccessKey,
      fsid: randomUUID(),
      monPort,
      osdPort: Math.min(osdPort, 65_000),
      rgwPort,
      lifecycleDaySeconds,
      hostName,
    }
    await start(place, daemons)
    const endpoint = `http://127.0.0.1:${rgwPort}`
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey },
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    return {
      endpoint,
      region: 'us-east-1',
      accessKeyId: ACCESS_KEY_ID,
      secretAccessKey,
      bucket,
      client,
      view: new BucketView(client, bucket),
      async [Symbol.asyncDispose]() {
        client.destroy()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(place: CephPlace, daemons: ChildProcess[]): Promise<void> {
  const { folder, fsid, monPort, rgwPort, secretAccessKey } = place
  for (const name of ['mon', 'osd', 'rgw', 'run', 'log']) await mkdir(join(folder, name))
  const config = join(folder, 'ceph.conf')
  const keyring = join(folder, 'keyring')
  await writeFile(config, cephConfig(place))
  await makeMonitorMap(folder, fsid, monPort)
  await run('ceph-authtool', [
    keyring,
    '--create-keyring',
    '--gen-key',
    '-n',
    'mon.',
    '--cap',
    'mon',
    'allow *',
  ])
  for (const name of ['client.admin', 'client.rgw', 'osd.0']) {
    const all = ['mon', 'osd', 'mgr'].flatMap((part) => ['--cap', part, 'allow *'])
    await run('ceph-authtool', [keyring, '--gen-key', '-n', name, ...all])
  }
  const ceph = ['-c', config]
  await run('ceph-mon', [
    ...ceph,
    '-i',
    'a',
    '--mkfs',
    '--monmap',
    join(folder, 'monmap'),
    '--keyring',
    keyring,
  ])
  daemons.push(daemon('ceph-mon', [...ceph, '-i', 'a', '-f']))
  const osd = randomUUID()
  await run('ceph', [...ceph, '--connect-timeout', '30', 'osd', 'new', osd, '0'])
  await run('ceph-osd', [...ceph, '-i', '0', '--mkfs', '--osd-uuid', osd])
  daemons.push(daemon('ceph-osd', [...ceph, '-i', '0', '-f']))
  await until('the object daemon to be up', async () => {
    const { stdout } = await run('ceph', [...ceph, 'osd', 'stat'])
    return stdout.includes('1 up')
  })
  const admin = [...ceph, '-n', 'client.rgw', '--no-mon-config']
  // The first one makes the pools, the zone group and the zone.
  const user = [
    '--uid=test',
    '--display-name=test',
    `--access-key=${ACCESS_KEY_ID}`,
    `--secret-key=${secretAccessKey}`,
  ]
  await run('radosgw-admin', [...admin, 'user', 'create', ...user])
  daemons.push(daemon('radosgw', [...admin, '-f']))
  await until('the gateway to answer', () => answers(`http://127.0.0.1:${rgwPort}/`)).catch(
    async (cause: unknown) => {
      const log = await readFile(join(folder, 'log', 'client.rgw.log'), 'utf8')
      throw new Error(`radosgw did not start: ${log.slice(-2000)}`, { cause })
    },
  )
}

async function makeMonitorMap(folder: string, fsid: string, monPort: number): Promise<void> {
  const map = join(folder, 'monmap')
  const { stdout } = await run('radosgw', ['--version'])
  // "ceph version 16.2.15 (…) pacific (stable)"
  const release = /\) (\w+) \(/.exec(stdout)?.[1] ?? 'pacific'
  const address = `[v2:127.0.0.1:${monPort}]`
  const args = [
    '--create',
    '--clobber',
    '--addv',
    'a',
    address,
    '--fsid',
    fsid,
    '--set-min-mon-release',
    release,
  ]
  await run('monmaptool', [...args, map])
}

function daemon(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, args, { stdio: 'ignore' })
}

function kill(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      resolve()
      return
    }
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 45_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited 45 s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
