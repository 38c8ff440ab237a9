/** An answer that is an error of the API's. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly type: string

  constructor(status: number, code: string, message: string, type = 'invalid_request') {
    super(message)
    this.status = status
    this.code = code
    this.type = type
  }

  get body(): Record<string, string> {
    return { ...this.error, link: `https://docs.meilisearch.com/errors#${this.code}` }
  }

  private get error(): Record<string, string> {
    return { message: this.message, code: this.code, type: this.type }
  }
}

/** The route does not exist: 404 without a body. */
export class NoRoute extends Error {}

export const indexNotFound = (uid: string): Refusal =>
  new Refusal(404, 'index_not_found', `Index \`${uid}\` not found.`)
