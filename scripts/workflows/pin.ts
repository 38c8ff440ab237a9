/** What a reference of a workflow to this repository is set to. */
export interface Pin {
  /** `owner/name` */
  readonly repository: string
  /** Full SHA, 40 hexadecimal digits. */
  readonly commit: string
  /** What people call that commit, for example `v1.2.3`: it goes into a comment. */
  readonly label: string
}

/**
 * What is referred to: the action itself, or a reusable workflow in this repository. They need different commits: the
 * workflow's own text names the action's, so whoever calls the workflow can only name a later one.
 */
export type Pinned = 'action' | 'workflow'

/** A line `uses: owner/lifeboat@ref` or `uses: owner/lifeboat/.github/workflows/file.yml@ref`, with its comment. */
const REFERENCE =
  /^(?<before>[ \t]*(?:- )?uses: )[\w.-]+\/lifeboat(?<path>\/\.github\/workflows\/[\w.-]+)?@\S+(?: #.*)?$/gm

/** The text of a workflow in which every reference of this kind is the given commit. Throws on what is no commit. */
export function pinned(text: string, what: Pinned, { repository, commit, label }: Pin): string {
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new Error(`${commit} is no full SHA of a commit.`)
  return text.replace(REFERENCE, (line: string, before: string, path: string | undefined) =>
    (path === undefined) === (what === 'action')
      ? `${before}${repository}${path ?? ''}@${commit} # ${label}`
      : line,
  )
}
