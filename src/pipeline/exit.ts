import { LifeboatError } from '../errors.ts'

/** How a process ended. */
export interface Exit {
  readonly label: string
  /** Null where a signal ended it, or where it never began. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Its last lines on stderr. */
  readonly complaint: string
  /** We ended it ourselves: its exit says nothing about it. */
  readonly stopped: boolean
  readonly cannotStart?: Error
}

/** A write into a pipe (or, between processes that node started, a socket) that nobody reads any more. */
const NOBODY_READS = /broken pipe|EPIPE|(writ|output).*connection reset/i

/** 128 + SIGPIPE, from a shell in between. */
const SHELL_SIGPIPE = 141

/**
 * Which of a flow's failed processes is to blame; `exits` in the order of the flow. A process that dies takes
 * others with it: those before it cannot write any more, those after it see their input end, which some take
 * for success and some complain about. So: the first that failed and not because nobody read it; where all
 * failed to write, the last. Undefined when none failed by itself.
 */
export function rootCause(exits: readonly Exit[]): Exit | undefined {
  const failed = exits.filter(hasFailed)
  return failed.find((exit) => !couldNotWrite(exit)) ?? failed.at(-1)
}

export function hasFailed(exit: Exit): boolean {
  return !exit.stopped && exit.code !== 0
}

function couldNotWrite(exit: Exit): boolean {
  if (exit.signal !== null) return exit.signal === 'SIGPIPE'
  return exit.code === SHELL_SIGPIPE || NOBODY_READS.test(exit.complaint)
}

/** A process that ended as it should not. */
export class ProcessFailure extends LifeboatError {
  readonly exit: Exit

  constructor(exit: Exit, message: string, hint: string | undefined) {
    super('process', message, hint === undefined ? {} : { hint })
    this.exit = exit
  }
}

/** The error that tells of a failed process, with its last words. */
export function failureOf(exit: Exit): LifeboatError {
  if (exit.cannotStart !== undefined) {
    return new LifeboatError('platform', `${exit.label} cannot be started.`, { cause: exit.cannotStart })
  }
  const how =
    exit.signal === null ? `failed with exit code ${exit.code ?? '?'}` : `was ended by ${exit.signal}`
  const message = `${exit.label} ${how}${exit.complaint === '' ? '.' : `:\n${exit.complaint}`}`
  return new ProcessFailure(exit, message, hintOf(exit))
}

function hintOf({ signal, label }: Exit): string | undefined {
  if (signal === 'SIGKILL') {
    return `Somebody or the kernel killed ${label}: see whether the machine ran out of memory (dmesg).`
  }
  if (signal === 'SIGPIPE') return `Whatever read the output of ${label} stopped before its end.`
  return undefined
}
