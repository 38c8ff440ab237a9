import type { SearchDocument } from '../../catalog/reindex.ts'
import { LifeboatError } from '../../errors.ts'
import { MeilisearchRefusal } from '../failure.ts'

/** A body is about so large until the server wants it smaller. */
const FIRST_BYTES = 8 * 2 ** 20

export interface BatchSender {
  readonly add: (documents: readonly SearchDocument[]) => Promise<void>
  /** Sends what is left. */
  readonly end: () => Promise<void>
  readonly sent: () => { readonly documents: number; readonly bytes: number }
}

/**
 * Gathers documents into bodies of one JSON object a line. Where the server finds one too large (413) it is halved, and
 * so are all that follow; a single document that is too large is named, with `todo`, what else can be done about it where
 * it is from. `send` posts a body.
 */
export function batchSender(
  { uid, todo }: { readonly uid: string; readonly todo: string },
  send: (ndjson: Buffer, documents: number) => Promise<void>,
  firstBytes = FIRST_BYTES,
): BatchSender {
  let most = firstBytes
  let held: SearchDocument[] = []
  let heldBytes = 0
  let documents = 0
  let bytes = 0

  async function post(batch: readonly SearchDocument[]): Promise<void> {
    const body = Buffer.from(`${batch.map(({ text }) => text).join('\n')}\n`)
    try {
      await send(body, batch.length)
    } catch (error) {
      if (!(error instanceof MeilisearchRefusal) || error.status !== 413) throw error
      if (batch.length === 1) throw tooLarge({ uid, todo }, batch[0], body.length, error)
      most = Math.max(1, Math.floor(body.length / 2))
      const middle = Math.ceil(batch.length / 2)
      await post(batch.slice(0, middle))
      await post(batch.slice(middle))
      return
    }
    documents += batch.length
    bytes += body.length
  }
  async function flush(): Promise<void> {
    if (held.length === 0) return
    const batch = held
    held = []
    heldBytes = 0
    await post(batch)
  }
  return {
    add: async (more) => {
      for (const document of more) {
        const size = Buffer.byteLength(document.text) + 1
        if (heldBytes > 0 && heldBytes + size > most) await flush()
        held.push(document)
        heldBytes += size
      }
    },
    end: flush,
    sent: () => ({ documents, bytes }),
  }
}

function tooLarge(
  { uid, todo }: { readonly uid: string; readonly todo: string },
  document: SearchDocument | undefined,
  bytes: number,
  cause: unknown,
): LifeboatError {
  return new LifeboatError(
    'incomplete',
    `Index "${uid}": the document with the key ${document?.key ?? ''} is larger (${bytes} bytes) than the search server takes.`,
    {
      hint: `Raise its http-payload-size-limit${todo}. Search is as it was.`,
      cause,
    },
  )
}
