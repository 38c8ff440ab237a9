import type { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { readWhole } from '../../pipeline/read-whole.ts'
import { WrongAnswer } from '../wrong-answer.ts'

/** The root of each answer in XML. */
const ROOTS: Readonly<Record<string, string>> = {
  ListObjectsV2: 'ListBucketResult',
  ListObjectVersions: 'ListVersionsResult',
  ListMultipartUploads: 'ListMultipartUploadsResult',
  ListParts: 'ListPartsResult',
  CreateMultipartUpload: 'InitiateMultipartUploadResult',
  CompleteMultipartUpload: 'CompleteMultipartUploadResult',
  DeleteObjects: 'DeleteResult',
  GetBucketVersioning: 'VersioningConfiguration',
  GetBucketLifecycleConfiguration: 'LifecycleConfiguration',
  GetObjectLockConfiguration: 'ObjectLockConfiguration',
}
/** These may be empty: some stores say so that they have no such thing. */
const MAY_BE_EMPTY: readonly string[] = ['GetBucketVersioning']
/** These may fail in an answer that began as a success. The SDK knows of them. */
const MAY_FAIL_LATE: readonly string[] = ['CompleteMultipartUpload', 'DeleteObjects']

/** A thousand keys of the longest kind, each character written as three, take 4 MiB. */
const MOST_XML = 32 * 2 ** 20
const MOST_OF_ERROR = 256 * 1024
/** Of what came instead, in a message. */
const SHOWN = 100

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  body?: Readable | Uint8Array
}

/**
 * Takes no answer for its status: each has the shape of what was asked for, or is thrown as a `WrongAnswer`, and what of
 * it has to be held in memory has a bound. Login pages answer 200 and proxies 404, and neither speaks for the store.
 */
export function expectAnswers(client: S3Client, description: string): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args)
      const command = (context.commandName ?? '').replace(/Command$/, '')
      if (isAnswer(result.response)) await look(result.response, { command, description })
      return result
    },
    // Next to the wire, before the SDK makes sense of it.
    { step: 'deserialize', priority: 'low', name: 'lifeboatExpectAnswers' },
  )
}

interface Asked {
  readonly command: string
  readonly description: string
}

async function look(answer: Answer, asked: Asked): Promise<void> {
  const { statusCode: status, headers } = answer
  if (status >= 300) await lookAtFailure(answer, asked)
  else if (isPage(headers)) throw wrong(answer, asked, await beginning(answer))
  else if (asked.command in ROOTS) await lookAtXml(answer, asked)
  else if (/^(Get|Head)Object$/.test(asked.command)) {
    if (headers.etag === undefined && headers['last-modified'] === undefined)
      throw wrong(answer, asked, await beginning(answer))
  } else if (/^(PutObject|UploadPart)$/.test(asked.command) && (headers.etag ?? '') === '') {
    throw withoutEtag(asked)
  }
}

async function lookAtXml(answer: Answer, asked: Asked): Promise<void> {
  const { command } = asked
  const text = await held(answer, MOST_XML, asked)
  if (text.trim() === '' && MAY_BE_EMPTY.includes(command)) return
  const root = rootOf(text)
  if (root === 'Error' && MAY_FAIL_LATE.includes(command)) return
  if (root !== ROOTS[command]) throw wrong(answer, asked, text)
}

/** What a server says of itself (5xx, 429) may come from whoever; what is said of an object must be the store's. */
async function lookAtFailure(answer: Answer, asked: Asked): Promise<void> {
  const { statusCode: status, headers } = answer
  const ofServer = status >= 500 || status === 429 || status === 408
  if (asked.command === 'HeadObject') {
    // It has no body. That there is nothing is asked for in another way: see head.ts.
    if (isPage(headers) && !ofServer && status !== 404) throw wrong(answer, asked, '')
    return
  }
  const text = await held(answer, MOST_OF_ERROR, asked)
  if (ofServer) return
  if (isPage(headers) || /^\s*<(!doctype|html)/i.test(text) || (status === 404 && rootOf(text) !== 'Error'))
    throw wrong(answer, asked, text)
}

/** Reads the body and puts it back. */
async function held(answer: Answer, most: number, { command, description }: Asked): Promise<string> {
  const { body } = answer
  if (body === undefined) return ''
  const what = `${description}: the answer to ${command}`
  const bytes = body instanceof Uint8Array ? Buffer.from(body) : await readWhole(body, { what, most })
  answer.body = bytes
  return bytes.toString('utf8')
}

/** Enough of a body for a message; the rest is not read. */
async function beginning({ body }: Answer): Promise<string> {
  if (body === undefined) return ''
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8')
  let text = ''
  for await (const chunk of body as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8')
    if (text.length >= 4096) break
  }
  return text
}

/** The name of the root of a whole document; undefined where there is none, or its end is missing. */
function rootOf(text: string): string | undefined {
  const name = /^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*<([A-Za-z]+)[\s/>]/.exec(text)?.[1]
  if (name === undefined) return undefined
  const whole =
    text.trimEnd().endsWith(`</${name}>`) || new RegExp(`<${name}[^<>]*/>\\s*$`).test(text.slice(-4096))
  return whole ? name : undefined
}

function isPage(headers: Answer['headers']): boolean {
  return /^(text|application)\/(x?html)/i.test(headers['content-type'] ?? '')
}

function wrong({ statusCode, headers }: Answer, { command, description }: Asked, text: string): WrongAnswer {
  const type = headers['content-type'] ?? 'no content type'
  const said = text
    .replace(/<(script|style)[^]*?<\/\1>|<[^>]*>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, SHOWN)
  return new WrongAnswer(
    'store',
    `${description}: what answered ${command} is no S3 store: status ${statusCode}, ${type}` +
      (said === '' ? '.' : `: "${said}".`),
  )
}

function withoutEtag({ command, description }: Asked): WrongAnswer {
  return new WrongAnswer('store', `${description}: the store acknowledged ${command} without an ETag.`, {
    hint:
      'Every S3 store gives one, and an upload cannot be completed without. It is the fault of the store, or of a ' +
      'proxy in front of it that takes the header away: ask whoever runs it.',
  })
}

function isAnswer(response: unknown): response is Answer {
  return (
    typeof response === 'object' && response !== null && 'statusCode' in response && 'headers' in response
  )
}
