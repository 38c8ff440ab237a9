import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** What a counting server knows of one object or unfinished upload. */
export interface Counted {
  readonly key: string
  /** Bytes of each part, by number from 1 on; one entry for an object that came in one piece. */
  readonly parts: readonly number[]
}

export interface CountingS3 extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string
  readonly objects: readonly Counted[]
  readonly uploads: readonly Counted[]
  /** Keys of uploads that were aborted. */
  readonly aborted: readonly string[]
}

interface Entry {
  readonly key: string
  readonly parts: number[]
  readonly metadata: Record<string, string>
}

/**
 * An S3 server that throws every byte away and only counts: for uploads that no disk here would hold. Checks
 * neither signatures nor hashes; the real servers of the contract suite do.
 */
export async function startCountingS3(): Promise<CountingS3> {
  const objects = new Map<string, Entry>()
  const uploads = new Map<string, Entry>()
  const aborted: string[] = []
  const server = createServer((request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => (bytes += chunk.length))
    request.once('end', () => answer({ objects, uploads, aborted }, request, bytes, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    get objects() {
      return [...objects.values()]
    },
    get uploads() {
      return [...uploads.values()]
    },
    aborted,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface State {
  readonly objects: Map<string, Entry>
  readonly uploads: Map<string, Entry>
  readonly aborted: string[]
}

function answer(state: State, request: IncomingMessage, bytes: number, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'))
  const uploadId = url.searchParams.get('uploadId') ?? ''
  const upload = state.uploads.get(uploadId)
  const send = (status: number, body = '', headers: Record<string, string | number> = {}) => {
    response.writeHead(status, { 'content-type': 'application/xml', ...headers })
    response.end(body)
  }
  const missing = (code: string) =>
    send(404, request.method === 'HEAD' ? '' : `<Error><Code>${code}</Code></Error>`)
  const part = Number(url.searchParams.get('partNumber'))

  if (request.method === 'POST' && url.searchParams.has('uploads')) {
    const id = `upload-${state.uploads.size + state.aborted.length + state.objects.size}`
    state.uploads.set(id, { key, parts: [], metadata: metadataOf(request) })
    send(200, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
  } else if (uploadId !== '' && upload === undefined) {
    missing('NoSuchUpload')
  } else if (request.method === 'PUT' && upload) {
    upload.parts[part - 1] = bytes
    send(200, '', { etag: `"${part}-${bytes}"` })
  } else if (request.method === 'POST' && upload) {
    state.uploads.delete(uploadId)
    state.objects.set(key, upload)
    send(200, '<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>')
  } else if (request.method === 'DELETE' && upload) {
    state.uploads.delete(uploadId)
    state.aborted.push(key)
    send(204)
  } else if (request.method === 'PUT') {
    state.objects.set(key, { key, parts: [bytes], metadata: metadataOf(request) })
    send(200, '', { etag: '"x"' })
  } else {
    const object = state.objects.get(key)
    if (!object || request.method !== 'HEAD') {
      missing('NoSuchKey')
      return
    }
    const size = object.parts.reduce((sum, one) => sum + one, 0)
    send(200, '', { 'content-length': size, 'last-modified': new Date().toUTCString(), ...object.metadata })
  }
}

function metadataOf(request: IncomingMessage): Record<string, string> {
  const own = Object.entries(request.headers).filter(([name]) => name.startsWith('x-amz-meta-'))
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]))
}
