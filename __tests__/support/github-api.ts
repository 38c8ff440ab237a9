import { createServer, type IncomingMessage } from 'node:http'

/** As GitHub keeps it. */
export interface KeptIssue {
  number: number
  title: string
  body: string
  labels: string[]
  state: 'open' | 'closed'
  comments: string[]
  isPullRequest?: boolean
}

export interface GithubApi extends AsyncDisposable {
  /** Stands for `GITHUB_API_URL`. */
  readonly api: string
  readonly issues: KeptIssue[]
}

/** The part of GitHub's REST API that has to do with issues, with its answers and its statuses. */
export async function startGithubApi({
  repository,
  token,
}: {
  readonly repository: string
  readonly token: string
}): Promise<GithubApi> {
  const issues: KeptIssue[] = []
  const shown = ({ number, title, body, labels, state, isPullRequest }: KeptIssue) => ({
    number,
    title,
    body,
    state,
    labels: labels.map((name) => ({ name })),
    html_url: `https://github.example/${repository}/issues/${number}`,
    ...(isPullRequest === true && { pull_request: {} }),
  })
  const answer = (request: IncomingMessage, text: string): readonly [number, unknown] => {
    const url = new URL(request.url ?? '', 'http://x')
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { message: 'Bad credentials' }]
    const [, under] = new RegExp(`^/repos/${repository}/issues(.*)$`).exec(url.pathname) ?? []
    if (under === undefined) return [404, { message: 'Not Found' }]
    if (request.method === 'GET') {
      const label = url.searchParams.get('labels')
      const open = issues.filter(
        ({ state, labels }) => state === 'open' && (label === null || labels.includes(label)),
      )
      return [200, open.map(shown)]
    }
    const sent = JSON.parse(text) as { title?: string; body: string; labels?: string[] }
    const [, number] = /^\/(\d+)\/comments$/.exec(under) ?? []
    if (number !== undefined) {
      const issue = issues.find((each) => each.number === Number(number))
      if (!issue) return [404, { message: 'Not Found' }]
      issue.comments.push(sent.body)
      return [201, { html_url: `https://github.example/${repository}/issues/${number}#issuecomment-1` }]
    }
    if (sent.title === undefined) return [422, { message: 'Validation Failed' }]
    const issue: KeptIssue = {
      number: issues.length + 1,
      title: sent.title,
      body: sent.body,
      labels: sent.labels ?? [],
      state: 'open',
      comments: [],
    }
    issues.push(issue)
    return [201, shown(issue)]
  }
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    request.once('end', () => {
      const [status, body] = answer(request, text)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return {
    api: `http://127.0.0.1:${address.port}`,
    issues,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
