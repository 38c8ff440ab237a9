/** What the user knows of the data, to be found again in every restored copy. */
export interface Expectations {
  /** Tables that have to be there, as `schema.table`. */
  readonly tables: readonly { readonly name: string; readonly line: number }[]
  readonly queries: readonly QueryExpectation[]
  readonly freshness: readonly FreshnessExpectation[]
  readonly references: readonly ReferenceExpectation[]
  /** Asked of what runs on the recovered data: at the end of a drill, and nowhere else. */
  readonly http?: readonly HttpExpectation[]
}

/** An address that answers as it should. */
export interface HttpExpectation {
  readonly name: string
  /** https, or http on this machine; without user and password. */
  readonly url: string
  readonly status: number
  /** Text in the first MiB of the answer. */
  readonly contains?: string | undefined
  /** From the request to the end of the answer, redirects included. */
  readonly atMostMs?: number | undefined
  readonly timeoutMs: number
  /** In the file, from 1. */
  readonly line: number
}

/** A query that gives one value. */
export interface QueryExpectation {
  readonly name: string
  readonly sql: string
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly equals?: string | undefined
  readonly timeoutMs: number
  /** In the file, from 1. */
  readonly line: number
}

/** The newest value of a column of times may be so much older than the snapshot. */
export interface FreshnessExpectation {
  /** `shop.orders.placed_at` */
  readonly column: string
  readonly atMostMs: number
  readonly timeoutMs: number
  readonly line: number
}

/** A column whose values are to be found in another, without a key that says so. */
export interface ReferenceExpectation {
  /** `shop.reviews.product_id` */
  readonly from: string
  /** `shop.products.id` */
  readonly to: string
  /** More orphans than this fail. */
  readonly maxOrphans: number
  readonly line: number
}
