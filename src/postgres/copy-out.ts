import pg from 'pg'

/**
 * Runs a `COPY … TO STDOUT`. `onRow` gets each row as the server wrote it, one after another: a server sends every row
 * as a message of its own. The bytes are only good during the call.
 */
export function copyOut(client: pg.Client, sql: string, onRow: (row: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = new CopyQuery(sql, onRow)
    query.once('error', reject)
    query.once('end', () => resolve())
    client.query(query)
  })
}

/** The driver's own query takes copied rows and throws them away. */
class CopyQuery extends pg.Query {
  readonly #onRow: (row: Uint8Array) => void

  constructor(sql: string, onRow: (row: Uint8Array) => void) {
    super(sql)
    this.#onRow = onRow
  }

  /** Called by the driver. */
  handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    this.#onRow(chunk)
  }
}
