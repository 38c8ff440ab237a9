import type { Upload } from '@aws-sdk/lib-storage'
import type { PartFeed } from './part-feed.ts'

/**
 * Lets lib-storage's uploaders take their parts from `feed` instead of cutting a stream themselves, which costs a
 * part and a half more memory and goes on reading the source to its end after a part has failed: 250 MB are not to
 * be kept that way with parts of 64 MiB. `onFailure` hears of the first uploader that fails while the others are
 * still at work.
 *
 * The method is private to lib-storage, whose version is pinned for that; every write fails loudly, and with it the
 * contract suite, should it be gone.
 */
export function feedUploader(upload: Upload, feed: PartFeed, onFailure: (error: unknown) => void): void {
  const uploadParts: unknown = Reflect.get(upload, METHOD)
  if (typeof uploadParts !== 'function') throw new TypeError(`lib-storage has no ${METHOD} any more`)
  const fed = async () => {
    try {
      await (Reflect.apply(uploadParts, upload, [feed]) as Promise<void>)
    } catch (error) {
      onFailure(error)
      throw error
    }
  }
  Reflect.set(upload, METHOD, fed)
}

const METHOD = '__doConcurrentUpload'
