/** One step of a flow of bytes. `flow` in `flow.ts` joins them. */
export type Stage = ProcessStage | TransformStage | CountStage

/** What a flow begins with: a process whose standard output is read, or bytes that are already here. */
export type Head = ProcessStage | BytesStage

/** A program that reads standard input (unless it is the head) and writes standard output. */
export interface ProcessStage {
  readonly kind: 'process'
  /** What people call it, for logs and errors: `pg_dump`. */
  readonly label: string
  /** An absolute path, or a name that is looked up on PATH. */
  readonly command: string
  /** Never a secret: arguments are visible to every user of the machine. */
  readonly args: readonly string[]
  /** The whole environment of the process; nothing is inherited. Build it with `childEnvironment`. */
  readonly env: Readonly<Record<string, string>>
}

export interface BytesStage {
  readonly kind: 'bytes'
  readonly label: string
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** A step inside node. Reads `input` to its end, or throws. */
export interface TransformStage {
  readonly kind: 'transform'
  readonly label: string
  readonly transform: (input: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
}

/**
 * Counts what passes. Between two processes this is `dd`, so that the bytes need not pass through node; elsewhere
 * node counts.
 */
export interface CountStage {
  readonly kind: 'count'
  readonly label: string
  /** Called with the bytes so far: a few times a second where that can be known, and once, exact, at the end. */
  readonly report: (bytes: number) => void
}

/** Chunks as they come; ends only when every process of the flow has exited with 0, else throws. */
export type ByteStream = AsyncIterable<Uint8Array>
