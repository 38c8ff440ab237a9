import { LifeboatError } from '../errors.ts'
import { readWhole } from '../pipeline/read-whole.ts'

/** Where issues are opened, and as whom. */
export interface IssueTracker {
  /** `https://api.github.com`, without a `/` behind it. */
  readonly api: string
  /** `owner/name` */
  readonly repository: string
  readonly token: string
}

export interface IssueContent {
  readonly title: string
  /** Markdown, without secrets and harmless. */
  readonly body: string
  readonly label: string
}

const TIMEOUT_MS = 30_000

/**
 * Opens an issue, or adds a comment where one is open already: known by a comment in its text that nobody sees, for a
 * token without the right to set labels leaves them out silently. Gives the issue's address. Throws `connection` where the
 * API does not do it, and the signal's reason; no message holds the token.
 */
export async function tellInIssue(
  tracker: IssueTracker,
  { title, body, label }: IssueContent,
  signal: AbortSignal,
): Promise<string> {
  const marker = `<!-- lifeboat: ${label} -->`
  const open = await findOpen(tracker, { label, marker, signal })
  const issue =
    open === undefined
      ? await call(tracker, 'POST', '/issues', {
          signal,
          content: { title, body: `${body}\n\n${marker}\n`, labels: [label] },
        })
      : await call(tracker, 'POST', `/issues/${open.number}/comments`, { signal, content: { body } })
  return textOf(issue, 'html_url') ?? open?.address ?? ''
}

async function findOpen(
  tracker: IssueTracker,
  {
    label,
    marker,
    signal,
  }: { readonly label: string; readonly marker: string; readonly signal: AbortSignal },
): Promise<{ readonly number: number; readonly address: string } | undefined> {
  for (const filter of [`&labels=${encodeURIComponent(label)}`, '']) {
    const page = await call(tracker, 'GET', `/issues?state=open&per_page=100${filter}`, { signal })
    const found = (Array.isArray(page) ? (page as unknown[]) : []).find(
      (issue) => textOf(issue, 'body')?.includes(marker) === true && !isPullRequest(issue),
    )
    const number = numberOf(found)
    if (number !== undefined) return { number, address: textOf(found, 'html_url') ?? '' }
  }
  return undefined
}

/** A hundred issues, each with the longest body there is. */
const MOST_ANSWER_BYTES = 32 * 2 ** 20

async function call(
  { api, repository, token }: IssueTracker,
  method: 'GET' | 'POST',
  path: string,
  { content, signal }: { readonly content?: unknown; readonly signal: AbortSignal },
): Promise<unknown> {
  const doing = method === 'GET' ? 'list the issues' : 'write an issue'
  let response: Response
  try {
    response = await fetch(`${api}/repos/${repository}${path}`, {
      method,
      // A token goes to the address that was named, and to no other.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'user-agent': 'lifeboat',
        'x-github-api-version': '2022-11-28',
      },
      ...(content !== undefined && { body: JSON.stringify(content) }),
    })
    if (response.ok && response.body) {
      const what = `The answer of ${api}`
      const text = await readWhole(response.body, { what, most: MOST_ANSWER_BYTES })
      return JSON.parse(text.toString('utf8')) as unknown
    }
    await response.body?.cancel()
  } catch (cause) {
    signal.throwIfAborted()
    throw new LifeboatError(
      'connection',
      `GitHub's API at ${api} cannot be reached to ${doing} of ${repository}.`,
      {
        hint: 'Look at the network and at status.github.com.',
        cause,
      },
    )
  }
  throw new LifeboatError(
    'connection',
    `GitHub's API refused to ${doing} of ${repository}: ${response.status}.`,
    {
      hint: 'Give the job permissions: issues: write, and github-token: ${{ github.token }}; issues have to be switched on in the repository.',
    },
  )
}

function textOf(issue: unknown, member: 'body' | 'html_url'): string | undefined {
  const value: unknown =
    typeof issue === 'object' && issue !== null
      ? (issue as Readonly<Record<string, unknown>>)[member]
      : undefined
  return typeof value === 'string' ? value : undefined
}

function numberOf(issue: unknown): number | undefined {
  if (typeof issue !== 'object' || issue === null || !('number' in issue)) return undefined
  return typeof issue.number === 'number' ? issue.number : undefined
}

function isPullRequest(issue: unknown): boolean {
  return typeof issue === 'object' && issue !== null && 'pull_request' in issue
}
