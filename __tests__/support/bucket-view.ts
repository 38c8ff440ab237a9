import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

/** What is really in a bucket, seen with a client of its own. Meant for a test's few objects: one page each. */
export class BucketView {
  readonly #client: S3Client
  readonly #bucket: string

  constructor(client: S3Client, bucket: string) {
    this.#client = client
    this.#bucket = bucket
  }

  async keys(prefix = ''): Promise<string[]> {
    const page = await this.#client.send(new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix }))
    return (page.Contents ?? []).map(({ Key }) => Key ?? '')
  }

  /** Unfinished multipart uploads. */
  async uploads(prefix = ''): Promise<{ key: string; uploadId: string }[]> {
    const page = await this.#client.send(
      new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: prefix }),
    )
    return (page.Uploads ?? []).map(({ Key = '', UploadId = '' }) => ({ key: Key, uploadId: UploadId }))
  }

  /** Sizes of the parts of an unfinished upload. */
  async parts({ key, uploadId }: { key: string; uploadId: string }): Promise<number[]> {
    const page = await this.#client.send(
      new ListPartsCommand({ Bucket: this.#bucket, Key: key, UploadId: uploadId }),
    )
    return (page.Parts ?? []).map(({ Size }) => Size ?? 0)
  }

  async get(key: string): Promise<Buffer> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }))
    if (!Body) throw new Error(`no body in ${key}`)
    return Buffer.from(await Body.transformToByteArray())
  }

  async put(key: string, content: string | Uint8Array): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: Buffer.from(content) }),
    )
  }

  /** Begins an upload and leaves it; gives its id. */
  async beginUpload(key: string): Promise<string> {
    const { UploadId } = await this.#client.send(
      new CreateMultipartUploadCommand({ Bucket: this.#bucket, Key: key }),
    )
    if (UploadId === undefined) throw new Error('the store gave no upload id')
    return UploadId
  }
}
