import type {
  DocumentSnapshot,
  DocumentSource,
  IndexDeclaration,
  ReindexContext,
} from '../catalog/reindex.ts'
import { LifeboatError } from '../errors.ts'
import { describeConnection, type Connection } from './connection.ts'
import type { DescribedQuery } from './describe-queries.ts'
import { findDuplicates, readDocuments } from './document-cursor.ts'
import { beginSnapshot, type DocumentSnapshotLimits } from './document-snapshot.ts'
import { describeServer } from './server.ts'
import { openSession, type Session } from './session.ts'

const HEARTBEAT_MS = 30_000

/** A PostgreSQL database whose queries give documents, all of them in one snapshot. */
export function postgresDocuments(options: {
  readonly connection: Connection
  readonly limits: DocumentSnapshotLimits
}): DocumentSource {
  return { open: (declarations, context) => openSnapshot(options, declarations, context) }
}

async function openSnapshot(
  { connection, limits }: Parameters<typeof postgresDocuments>[0],
  declarations: readonly IndexDeclaration[],
  context: ReindexContext,
): Promise<DocumentSnapshot> {
  const { clock, log } = context
  const lost = new AbortController()
  const signal = AbortSignal.any([context.signal, lost.signal])
  const session = await openSession(connection, signal)
  try {
    const server = await describeServer(session)
    log.info(
      `${describeConnection(connection)}: PostgreSQL ${server.version}${server.standby ? ', a standby' : ''}.`,
    )
    const { queries, searchPath, time } = await beginSnapshot(session, declarations, { limits, log })
    const stop = guardSnapshot(session, limits.heldMs, clock, (reason) => lost.abort(reason))
    const queryOf = ({ uid }: IndexDeclaration): DescribedQuery => {
      const query = queries.get(uid)
      if (!query) throw new TypeError(`index ${uid} was not declared when the snapshot was opened`)
      return query
    }
    return {
      description: describeConnection(connection),
      time,
      signal,
      notes: [
        ...(server.standby
          ? [
              'The database is a standby: how far it lags behind its primary comes on top of the lag of search.',
            ]
          : []),
        ...(server.encoding === 'SQL_ASCII'
          ? ['The database is in SQL_ASCII: bytes that are not UTF-8 arrive in search as U+FFFD.']
          : []),
      ],
      documents: (declaration) => readDocuments(session, declaration, queryOf(declaration), searchPath),
      duplicates: (declaration) => findDuplicates(session, declaration, searchPath),
      [Symbol.asyncDispose]: async () => {
        stop()
        await session[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * Gives a sign of life while search is busy (the server ends a session that is silent for 5 minutes), and ends the
 * snapshot at its limit: as long as it is held, dead rows pile up.
 */
function guardSnapshot(
  session: Session,
  heldMs: number,
  clock: ReindexContext['clock'],
  lose: (reason: LifeboatError) => void,
): () => void {
  const since = clock.elapsed()
  const gone = (cause: unknown): void =>
    lose(
      new LifeboatError('snapshot', 'The database ended the session that held the snapshot.', {
        hint: 'Did it restart, fail over, or cancel long transactions? Its log says why. Search is as it was.',
        cause,
      }),
    )
  session.onLost(gone)
  const timer = setInterval(
    () => {
      if (clock.elapsed() - since < heldMs) {
        // After a query that failed this fails, too, and whoever asked has the reason already.
        session.query('SELECT 1').catch(() => undefined)
        return
      }
      lose(
        new LifeboatError(
          'snapshot',
          `The snapshot was held for ${Math.round(heldMs / 60_000)} minutes, the limit.`,
          {
            hint: 'Raise the limit (limits: snapshot=12h), or make the queries faster. Search is as it was.',
          },
        ),
      )
    },
    Math.min(HEARTBEAT_MS, heldMs),
  )
  return () => clearInterval(timer)
}
