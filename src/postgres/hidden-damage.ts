import { LifeboatError } from '../errors.ts'
import type { Session } from './session.ts'

/** With one of these on, the server gives less than a table has, or something else, and says nothing to whoever reads. */
const HIDES_DAMAGE = ['zero_damaged_pages', 'ignore_checksum_failure']

/**
 * pg_dump has the settings that a new session of ours has, so both would read a damaged table alike, and a backup
 * without its rows would be found equal. Throws `database`, naming the setting and where it was set.
 */
export async function assertDamageShows(session: Session): Promise<void> {
  const rows = await session.query(
    `SELECT name, source FROM pg_catalog.pg_settings WHERE setting = 'on' AND name = ANY ($1) ORDER BY name DESC`,
    [`{${HIDES_DAMAGE.join()}}`],
  )
  if (rows.length === 0) return
  const names = rows.map(({ name }) => name ?? '')
  const found = rows.map(({ name, source }) => `${name ?? ''} is on (set by: ${source ?? '?'})`)
  throw new LifeboatError('database', `The server hides damage from whoever reads: ${found.join(', ')}.`, {
    hint:
      `A backup would lack rows, and nobody would know. Switch it off where it was set: ` +
      `${names.map((name) => `ALTER SYSTEM RESET ${name}`).join('; ')}; SELECT pg_reload_conf(); or ALTER ROLE … RESET, ` +
      'ALTER DATABASE … RESET. Older backups are untouched. To save what can still be read, run pg_dump by hand.',
  })
}
