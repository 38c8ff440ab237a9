import { describe, expect, it } from '@jest/globals'
import { EntryProgress } from '../../../src/postgres/restore-messages.ts'

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
    const progress = new EntryProgress()
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    )
    return pieces.flatMap((piece) => progress.read(piece))
  }

  it('are found wherever the messages are cut', () => {
    for (let size = 1; size <= text.length; size++) expect(readBy(size)).toEqual([12, 3456, 8])
  })

  it('are not looked for in a line without an end', () => {
    const progress = new EntryProgress()
    const data = Buffer.alloc(100_000, 'x')
    for (let index = 0; index < 3; index++) expect(progress.read(data)).toEqual([])
    expect(progress.read(Buffer.from('\npg_restore: finished item 1 TABLE DATA t\n'))).toEqual([1])
  })

  it('are not those that something was said about, whoever of them finishes first', () => {
    const progress = new EntryProgress()
    const told = `pg_restore: pg_restore: from TOC entry 8; 0 16395 TABLE DATA b postgres
from TOC entry 7; 0 16391 TABLE DATA a postgres
pg_restore: error: COPY failed for table "b": ERROR:  no
pg_restore: finished item 8 TABLE DATA b
pg_restore: finished item 7 TABLE DATA a
pg_restore: finished item 9 TABLE DATA c
`
    expect(progress.read(Buffer.from(told))).toEqual([9])
    expect([...progress.failed]).toEqual([8, 7])
  })
})
