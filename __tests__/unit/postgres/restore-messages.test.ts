import { describe, expect, it } from '@jest/globals'
import { FinishedItems } from '../../../src/postgres/restore-messages.ts'

describe('the entries that jobs of pg_restore are done with', () => {
  const text = `pg_restore: launching item 12 TABLE DATA orders
pg_restore: processing data for table "public.orders"
pg_restore:pg_restore:  finished item 12 TABLE DATA orders
creating INDEX "public.finished item 4"
pg_restore: finished item 3456 TABLE DATA crème brûlée
CONTEXT:  COPY notes, line 1: "a note
finished item 7
and its end"
pg_restore: finished item 8 BLOBS BLOBS
`
  const readBy = (size: number): number[] => {
    const bytes = Buffer.from(text)
    const finished = new FinishedItems()
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    )
    return pieces.flatMap((piece) => finished.read(piece))
  }

  it('are found wherever the messages are cut', () => {
    for (let size = 1; size <= text.length; size++) expect(readBy(size)).toEqual([12, 3456, 8])
  })

  it('are not looked for in a line without an end', () => {
    const finished = new FinishedItems()
    const data = Buffer.alloc(100_000, 'x')
    for (let index = 0; index < 3; index++) expect(finished.read(data)).toEqual([])
    expect(finished.read(Buffer.from('\npg_restore: finished item 1 TABLE DATA t\n'))).toEqual([1])
  })
})
