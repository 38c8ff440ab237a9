import type { Breach, BreachKind } from '../catalog/breach.ts'
import { formatBytes, formatCount, formatDuration, formatTime, plural } from './format.ts'

/** What a breach is called, in a word or two, for a heading. */
export const BREACH_TITLES: Readonly<Record<BreachKind, string>> = {
  nothing: 'No backup',
  late: 'Backup is late',
  stopped: 'Backups have stopped',
  gap: 'Gap between backups',
  newer: 'Written by a newer Lifeboat',
  unverified: 'Never verified',
  'verification-failed': 'Verification failed',
  'verification-old': 'Verification is old',
  'slow-restore': 'Restore takes too long',
  shrunk: 'Backup shrunk',
  grown: 'Backup grew tenfold',
  unencrypted: 'Not encrypted',
  recipients: 'Wrong recipients',
  damaged: 'Backup is damaged',
  retention: 'Retention does not run',
  guard: 'Retention refuses',
  'lost-manifest': 'Manifest is lost',
  'stray-attempts': 'Stray attempts',
  'stray-uploads': 'Stray uploads',
  'lifecycle-threat': 'Lifecycle rule takes the proof',
  'lifecycle-drift': 'Lifecycle rule drifted',
  'lifecycle-eager': 'Lifecycle rule is too eager',
  alternating: 'Two databases share a name',
  'foreign-record': 'Record of another backup',
  'replica-behind': 'Second store is behind',
  'replica-short': 'Second store is not whole',
  'replica-unseen': 'Second store cannot be seen',
  clock: 'Clock is off',
  future: 'Dated in the future',
  rights: 'Not allowed to look',
}

/** What is wrong, with whose backups, in one sentence; and what to do. Plain text. */
export function describeBreach(breach: Breach): { readonly text: string; readonly hint: string } {
  const backup = 'name' in breach && 'id' in breach ? `"${breach.name}" ${breach.id}` : ''
  switch (breach.kind) {
    case 'nothing':
      return {
        text:
          breach.name === undefined ? 'There is no backup at all.' : `"${breach.name}" has no good backup.`,
        hint: 'Look at the runs of the backup job, and at bucket, prefix and name of this step.',
      }
    case 'late':
      return {
        text: `The newest good backup, ${backup}, is ${formatDuration(breach.ageMs)} old; targets allow ${formatDuration(breach.limitMs)}.`,
        hint: 'Look at the last run of the backup job: did it run, and did it fail? Run it now.',
      }
    case 'stopped':
      return {
        text: `The newest good backup, ${backup}, is ${formatDuration(breach.ageMs)} old: backups have stopped, and prune removes nothing any more.`,
        hint: 'Look whether the workflow is still enabled (GitHub stops schedules of idle public repositories) and why its runs fail. Run a backup now.',
      }
    case 'newer':
      return {
        text: `${plural(breach.backups, 'backup')} of "${breach.name}", since ${formatTime(breach.since)}, ${breach.backups === 1 ? 'was' : 'were'} written by a newer Lifeboat, and this version cannot read ${breach.backups === 1 ? 'it' : 'them'}.`,
        hint: 'They are not measured here. Use the version that wrote them, or a newer one, in this step too.',
      }
    case 'gap':
      return {
        text: `"${breach.name}" had no backup for ${formatDuration(breach.gapMs)}, between ${formatTime(breach.from)} and ${formatTime(breach.to)}; targets allow ${formatDuration(breach.limitMs)}.`,
        hint: 'It is over. Find out why a run failed or was late; if that may happen, allow it with targets: gap=….',
      }
    case 'unverified':
      return {
        text: `No backup of "${breach.name}" was ever proved by a restore.`,
        hint: 'Run restore-verify, and put it on a schedule.',
      }
    case 'verification-failed':
      return {
        text: `The verification of ${backup} at ${formatTime(breach.time)} failed: it cannot be restored as it was dumped.`,
        hint: "Look at that run's summary for the rung that failed. Damaged bytes: take a new backup and verify it before anything else. A database that does not restore as it is: mend it as the summary says, then back it up.",
      }
    case 'verification-old':
      return {
        text: `The last proof of "${breach.name}" is of ${breach.id} and ${formatDuration(breach.ageMs)} old; targets allow ${formatDuration(breach.limitMs)}.`,
        hint: 'Look at the runs of restore-verify: does it run, and on the newest backup?',
      }
    case 'slow-restore':
      return {
        text: `Bringing ${backup} back took ${formatDuration(breach.tookMs)}; targets allow ${formatDuration(breach.limitMs)}.`,
        hint: 'A larger runner, zstd instead of xz, or less data. Or the target is no longer one: targets: rto=….',
      }
    case 'shrunk':
      return {
        text: `The newest backup, ${backup}, holds ${amount(breach)}; those before it usually ${amount({ ...breach, now: breach.usual })}.`,
        hint: 'Was something deleted, or does the URL point elsewhere? Keep the older backups (prune nothing) until you know.',
      }
    case 'grown':
      return {
        text: `The newest backup, ${backup}, holds ${amount(breach)}; those before it usually ${amount({ ...breach, now: breach.usual })}.`,
        hint: 'Was data imported or copied, or does something run wild? Look at the largest tables in the summary of the backup.',
      }
    case 'unencrypted':
      return {
        text: breach.claimed
          ? `${breach.file} of ${backup} is called encrypted and is not: it is no age file.`
          : `${plural(breach.backups, 'backup')} of "${breach.name}" ${breach.backups === 1 ? 'is' : 'are'} not encrypted: ${breach.file} of ${breach.id}, for example.`,
        hint: breach.claimed
          ? 'Lifeboat did not write that. Find out who can write to the bucket; take a new backup.'
          : 'Whoever reads the bucket reads the data. Give age-recipients to the backup step; if it is meant so, say age-recipients: none here too.',
      }
    case 'recipients':
      return { text: recipientsText(breach, backup), hint: RECIPIENT_HINTS[breach.by] }
    case 'damaged':
      return {
        text: `${backup} is damaged: ${breach.what}.`,
        hint: 'It may not be possible to restore it. Take a new backup, and find out who changed the bucket.',
      }
    case 'foreign-record':
      return {
        text: `${breach.file} beside ${backup} ${breach.what}; it counts for nothing.`,
        hint: 'Somebody replaced the manifest, or put the record there: find out who writes to the bucket. Verify the backup again.',
      }
    case 'retention':
      return {
        text: `${plural(breach.backups, 'backup')} of "${breach.name}" (${formatBytes(breach.bytes)}) should have been removed days ago; the oldest is ${breach.oldest}.`,
        hint: 'Look at the runs of prune: does it run, with the same retention inputs as this step? They cost money, and may be data that must be gone.',
      }
    case 'guard':
      return { text: breach.message, hint: breach.hint }
    case 'lost-manifest':
      return {
        text: `${backup} was verified once, and has no manifest any more.`,
        hint: 'Somebody removed or hid an object. Find out who; a restore by hand may still be possible.',
      }
    case 'stray-attempts':
      return {
        text: `"${breach.name}" has ${plural(breach.count, 'dead attempt')} that nobody removes, the oldest ${breach.oldest}.`,
        hint: 'Run prune. Look why those backups failed.',
      }
    case 'stray-uploads':
      return {
        text: `"${breach.name}" has ${plural(breach.count, 'unfinished upload')} in which nothing happens any more, for example ${breach.oldest}. Their parts cost money and appear in no listing.`,
        hint: 'Run prune; command lifecycle sets a rule that aborts them.',
      }
    case 'lifecycle-threat':
      return {
        text: `Rule "${breach.rule}" removes ${backup}, ${breach.verified ? 'a verified backup' : 'a backup'} that min-keep holds, from ${formatTime(breach.at)} on.`,
        hint: 'Backups or verifications have stopped: get them going. Until then switch the rule off (lifecycle without expire-days).',
      }
    case 'lifecycle-drift':
      return {
        text: `The bucket's rules are not as they were set; command lifecycle: ${breach.change}.`,
        hint: 'Find out who changed them, and run lifecycle. If expire-days differs on purpose, give this step the same.',
      }
    case 'lifecycle-eager':
      return {
        text: `Rule ${breach.rule}: that is sooner than the ${breach.keepsDays} days that the policy keeps.`,
        hint: 'Change the rule, or the policy: the store removes without asking what is proved.',
      }
    case 'alternating':
      return {
        text: `The backups of "${breach.name}" come by turns from different database clusters (system identifiers ${breach.systems.join(', ')}).`,
        hint: 'Two databases share one name: retention removes the backups of both together. Give each its own name or prefix.',
      }
    case 'replica-behind':
      return {
        text: `The second store lacks ${plural(breach.backups, 'backup')} of "${breach.name}" that ${breach.backups === 1 ? 'is' : 'are'} newer than all it has; the oldest, ${breach.id}, is ${formatDuration(breach.ageMs)} old, and targets allow ${formatDuration(breach.limitMs)}.`,
        hint: 'Look at the runs of replicate: does it run, and did it fail? If it runs less often on purpose, say so: targets: replica=8d.',
      }
    case 'replica-short':
      return { text: shortText(breach, backup), hint: SHORT_HINT }
    case 'replica-unseen':
      return { text: `The second store cannot be looked at: ${breach.message}`, hint: breach.hint }
    case 'clock':
      return {
        text: `The store's clock is ${formatDuration(Math.abs(breach.skewMs))} ${breach.skewMs > 0 ? 'ahead of' : 'behind'} this machine's.`,
        hint: 'Ages and retention depend on both. Set this machine by NTP; ask whoever runs the store.',
      }
    case 'future':
      return {
        text: `${plural(breach.backups, 'backup')} of "${breach.name}" ${breach.backups === 1 ? 'is' : 'are'} dated in the future: ${breach.id}.`,
        hint: "The database server's clock was wrong. They stay for ever and count for nothing: remove them by hand when newer ones are verified.",
      }
    case 'rights':
      return { text: `These keys may not ${breach.what}: ${breach.message}`, hint: breach.hint }
  }
}

function amount({ what, now }: Pick<Extract<Breach, { kind: 'shrunk' | 'grown' }>, 'what' | 'now'>): string {
  return what === 'bytes' ? formatBytes(now) : `${formatCount(Math.round(now))} ${what}`
}

function recipientsText(
  { file, found, expected, by }: Extract<Breach, { kind: 'recipients' }>,
  backup: string,
): string {
  switch (by) {
    case 'manifest':
      return `${file} of ${backup} is encrypted for ${found}; its manifest says ${expected}.`
    case 'wanted':
      return `${file} of ${backup} is encrypted for ${found}; age-recipients wants ${expected}.`
    case 'target':
      return `${file} of ${backup} is encrypted for ${found}; targets ask for ${expected}.`
  }
}

function shortText(
  { name, file, here, there, backups }: Extract<Breach, { kind: 'replica-short' }>,
  backup: string,
): string {
  const found =
    there === undefined ? 'is missing in the second store' : `has ${there} bytes in the second store`
  const more = backups === 1 ? '' : `; ${backups} backups of "${name}" are not whole there`
  return `${file} of ${backup} ${found} and has ${here} bytes here${more}.`
}

const SHORT_HINT =
  'Run replicate: it copies again what was lost, and names what is another. Find out who can remove or replace objects there.'

const RECIPIENT_HINTS: Readonly<Record<Extract<Breach, { kind: 'recipients' }>['by'], string>> = {
  manifest:
    'The object is not the one that was written. Find out who can write to the bucket; take a new backup.',
  wanted:
    'Compare age-recipients of the backup step with this one. Whoever holds the other keys can read the backup.',
  target:
    'Add the missing key to age-recipients of the backup step: with one key, its loss is the loss of all backups.',
}
