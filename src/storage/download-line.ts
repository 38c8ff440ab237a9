/** Where a store is, as far as a command line needs it. */
export type StorePlace =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly region: string; readonly endpoint?: string }

/**
 * The shell line that brings all objects of one backup into the current folder, with standard programs. For AWS's
 * client the keys are in its environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`), never in the line.
 */
export function downloadLine(place: StorePlace, folder: string): string {
  if (place.kind === 'directory') return `cp -r ${quote(`${place.path.replace(/\/$/, '')}/${folder}.`)} .`
  const { bucket, region, endpoint } = place
  const options = [...(endpoint === undefined ? [] : ['--endpoint-url', endpoint]), '--region', region]
  return ['aws', 's3', 'cp', '--recursive', ...options, `s3://${bucket}/${folder}`, '.'].map(quote).join(' ')
}

function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
