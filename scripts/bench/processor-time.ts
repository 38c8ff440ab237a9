import { readFileSync } from 'node:fs'

/** The kernel's unit of processor time in /proc is 1/100 s on every Linux that node runs on. */
const TICKS_PER_SECOND = 100

/**
 * Processor seconds of all children of this process that have ended, and of theirs. The difference of two calls is
 * what ran between them; servers that go on running do not count.
 */
export function childrenProcessorTime(): number {
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = readFileSync('/proc/self/stat', 'latin1').replace(/^.*\)/s, '').trim().split(' ')
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND
}
