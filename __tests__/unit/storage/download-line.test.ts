import { describe, expect, it } from '@jest/globals'
import { downloadLine } from '../../../src/storage/download-line.ts'

const folder = 'db/shop/20261122T021500Z-1a2b3c/'

describe('downloadLine', () => {
  it('copies from a bucket, by its own endpoint where it has one', () => {
    const r2 = {
      kind: 's3',
      bucket: 'b',
      region: 'auto',
      endpoint: 'https://a.r2.cloudflarestorage.com',
    } as const
    expect(downloadLine(r2, folder)).toBe(
      `aws s3 cp --recursive --endpoint-url https://a.r2.cloudflarestorage.com --region auto s3://b/${folder} .`,
    )
    expect(downloadLine({ kind: 's3', bucket: 'b', region: 'eu-west-1' }, folder)).toBe(
      `aws s3 cp --recursive --region eu-west-1 s3://b/${folder} .`,
    )
  })

  it('copies from a directory, whatever it is called', () => {
    expect(downloadLine({ kind: 'directory', path: '/srv/back ups/' }, folder)).toBe(
      `cp -r '/srv/back ups/${folder}.' .`,
    )
  })
})
