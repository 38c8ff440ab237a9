/** Where a one-node Ceph lives. */
export interface CephPlace {
  readonly folder: string
  readonly fsid: string
  readonly monPort: number
  readonly osdPort: number
  readonly rgwPort: number
  /** Undefined: as long as a day is. */
  readonly lifecycleDaySeconds: number | undefined
  readonly secretAccessKey: string
  /** The name that the gateway knows itself by. */
  readonly hostName: string
}

/** One monitor, one object store daemon in memory, one gateway; nothing is replicated. */
export function cephConfig({
  folder,
  fsid,
  monPort,
  osdPort,
  rgwPort,
  lifecycleDaySeconds = -1,
  hostName,
}: CephPlace): string {
  return `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${monPort}]
ms bind ipv4 = true
ms bind ipv6 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
ms bind msgr1 = false
ms bind msgr2 = true
ms bind port min = ${osdPort}
ms bind port max = ${osdPort + 50}
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
keyring = ${folder}/keyring
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail crit = 1
mon initial members = a
paxos propose interval = 0.05
paxos min wait = 0.01
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon max pg per osd = 1000
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 4294967296
osd memory target = 939524096
osd max object name len = 1024
osd op num shards = 2
osd scrub during recovery = false
osd class load list = *
osd class default list = *
log to stderr = false
err to stderr = true
log file = ${folder}/log/$name.log
run dir = ${folder}/run
admin socket = ${folder}/run/$name.asok
crash dir = ${folder}/crash
pid file =
[mon.a]
mon data = ${folder}/mon
[osd.0]
osd data = ${folder}/osd
[client.rgw]
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${rgwPort}
rgw thread pool size = 64
rgw enable usage log = false
rgw lc debug interval = ${lifecycleDaySeconds}
rgw multipart min part size = 5242880
rgw dns name = ${hostName}
`
}
