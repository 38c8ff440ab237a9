/** What a doctor asks of a store beyond what everybody else needs. */
export interface ProbedStore {
  /**
   * Writes to a key at which an object stands, with nothing but the store's own promise to refuse that: `refused`, or
   * `overwritten` where it broke the promise, or `unsupported` where it does not know the condition.
   */
  overwrite(key: string): Promise<'refused' | 'overwritten' | 'unsupported'>
  objectLock(): Promise<ObjectLock>
}

/** Whether the bucket holds new objects for a while; `hidden`: we may not ask. */
export type ObjectLock =
  | { readonly state: 'on'; readonly mode: string | undefined; readonly days: number | undefined }
  | { readonly state: 'off' | 'unsupported' | 'hidden' }
