/** What a release is made of, decided before anything is. */
export interface ReleasePlan {
  /** `v1.2.3`: made once, never moved. */
  readonly tag: string
  /** `v1`: follows the newest release; absent for a version before its release, such as `1.2.3-rc.1`. */
  readonly moving: string | undefined
  /** Markdown: what the changelog says of this version. */
  readonly notes: string
}

export interface ReleaseState {
  /** What somebody asked for, and what package.json says. */
  readonly version: string
  readonly packageVersion: string
  readonly changelog: string
  /** All tags, here and at the origin. */
  readonly tags: readonly string[]
  /** Paths with changes that are not committed. */
  readonly changed: readonly string[]
  /** Whether the commit is the newest of `main` at the origin. */
  readonly newest: boolean
}

const VERSION = /^(?<major>0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?<pre>-[0-9A-Za-z.-]+)?$/

/** Throws one error with everything that stands against a release. */
export function planRelease(state: ReleaseState): ReleasePlan {
  const { version, packageVersion, changelog, tags, changed, newest } = state
  const groups = VERSION.exec(version)?.groups
  const tag = `v${version}`
  const notes = notesOf(changelog, version)
  const against = [
    ...(groups ? [] : [`"${version}" is no version such as 1.2.3.`]),
    ...(version === packageVersion ? [] : [`package.json says ${packageVersion}, not ${version}.`]),
    ...(tags.includes(tag) ? [`${tag} is there already. A version is released once: take the next.`] : []),
    ...(notes === '' ? [`CHANGELOG.md has nothing under "## [${version}] - <date>".`] : []),
    ...(changed.length === 0 ? [] : [`Not committed: ${changed.join(', ')}.`]),
    ...(newest ? [] : ['This is not the newest commit of main.']),
  ]
  if (against.length > 0) throw new Error(`No release:\n${against.map((line) => `  ${line}`).join('\n')}`)
  return { tag, moving: groups?.['pre'] === undefined ? `v${groups?.['major'] ?? ''}` : undefined, notes }
}

/** What stands under `## [version] - date` in a changelog; empty where there is no such chapter. */
export function notesOf(changelog: string, version: string): string {
  const chapters = changelog.split(/^## /m)
  const title = new RegExp(`^\\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}\\n`)
  const chapter = chapters.find((each) => title.test(each)) ?? ''
  // What follows the last chapter are the addresses of links.
  return chapter
    .replace(title, '')
    .replace(/^\[[^\]]+\]: \S+$/gm, '')
    .trim()
}
