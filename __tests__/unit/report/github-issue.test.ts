import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { startGithubApi, type GithubApi } from '../../support/github-api.ts'
import { tellInIssue } from '../../../src/report/github-issue.ts'

const CONTENT = { title: 'Recovery drill failed', body: 'The database is damaged.', label: 'lifeboat-drill' }

describe('telling in an issue', () => {
  let github: GithubApi

  beforeEach(async () => {
    github = await startGithubApi({ repository: 'shop/infra', token: 'ghs_token' })
  })
  afterEach(async () => {
    await github[Symbol.asyncDispose]()
  })

  const tell = (token = 'ghs_token') =>
    tellInIssue({ api: github.api, repository: 'shop/infra', token }, CONTENT, new AbortController().signal)

  it('opens one, and comments on it as long as it is open', async () => {
    expect(await tell()).toBe('https://github.example/shop/infra/issues/1')
    await tell()
    expect(github.issues).toMatchObject([
      { title: CONTENT.title, labels: ['lifeboat-drill'], comments: [CONTENT.body], state: 'open' },
    ])
    github.issues.forEach((issue) => (issue.state = 'closed'))
    await tell()
    expect(github.issues.map(({ state }) => state)).toEqual(['closed', 'open'])
  })

  it('knows its issue without its label, and takes no pull request for it', async () => {
    await tell()
    github.issues.forEach((issue) => (issue.labels = []))
    github.issues.unshift({
      ...structuredClone(github.issues[0] ?? fail()),
      number: 9,
      isPullRequest: true,
    })
    await tell()
    expect(github.issues.map(({ number, comments }) => [number, comments.length])).toEqual([
      [9, 0],
      [1, 1],
    ])
  })

  it('says what is missing where the token may not, without the token', async () => {
    const failure: unknown = await tell('ghs_wrong').catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'connection', message: expect.stringContaining('401') })
    expect(JSON.stringify(failure) + String(failure)).not.toContain('ghs_wrong')
  })
})

function fail(): never {
  throw new Error('it is not there')
}
