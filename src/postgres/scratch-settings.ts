/** What the server may use of the machine. */
export interface MachineSize {
  readonly memoryBytes: number
  readonly processors: number
}

/** Where a server's files are. */
export interface ScratchPlaces {
  readonly socketFolder: string
  readonly hbaFile: string
  /** Bytes that its disk has room for. */
  readonly freeBytes: number
}

const MIB = 2 ** 20

/**
 * Settings of a server that is filled once, read once and thrown away: nothing has to survive a crash. It listens on
 * a unix socket only.
 */
export function scratchSettings(
  { memoryBytes, processors }: MachineSize,
  { socketFolder, hbaFile, freeBytes }: ScratchPlaces,
): Readonly<Record<string, string>> {
  const jobs = Math.max(1, processors)
  const mib = (bytes: number, least: number, most: number): string =>
    `${Math.round(Math.min(most, Math.max(least, bytes / MIB)))}MB`
  return {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    hba_file: hbaFile,
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    // A checkpoint costs time, a full disk the verification.
    max_wal_size: mib(freeBytes / 16, 48, 16_384),
    checkpoint_timeout: '1h',
    autovacuum: 'off',
    // Rows pass through once, and new memory has to be cleared first: what the system caches is cheaper. On two
    // processors a gigabyte took 4 % longer with 384 MB than with 128 MB.
    shared_buffers: mib(memoryBytes / 64, 64, 128),
    maintenance_work_mem: mib(memoryBytes / 16 / jobs, 64, 2048),
    work_mem: mib(memoryBytes / 64 / jobs, 16, 256),
    max_parallel_maintenance_workers: String(Math.min(8, jobs)),
    // As many tables as there are processors are worked on at a time: only where large ones are left it pays to share.
    min_parallel_table_scan_size: '256MB',
    // The checks want plans, not the best ones: a small sample costs little time.
    default_statistics_target: '3',
    track_counts: 'off',
    update_process_title: 'off',
    max_connections: '50',
    // A dump of many partitions or large objects takes a lock for each in one transaction.
    max_locks_per_transaction: '1024',
    // The owner of the restored database reads large objects of whomever they belong to.
    lo_compat_privileges: 'on',
    // Containers have 64 MB of /dev/shm.
    dynamic_shared_memory_type: 'mmap',
    password_encryption: 'scram-sha-256',
    jit: 'off',
    lc_messages: 'C',
    TimeZone: 'UTC',
    log_timezone: 'UTC',
    log_min_error_statement: 'panic',
    // What could not be restored is judged by SQLSTATE and by where the server raised it, which only its log tells.
    log_min_messages: 'error',
    log_error_verbosity: 'verbose',
    log_line_prefix: '%m [%p] ',
    shared_preload_libraries: '',
    session_preload_libraries: '',
    local_preload_libraries: '',
  }
}

export function renderSettings(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`)
  return `${lines.join('\n')}\n`
}
