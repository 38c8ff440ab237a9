import { describe, expect, it } from '@jest/globals'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { exposureWarnings } from '../../../src/postgres/exposure.ts'

const warnings = (url: string): string[] => exposureWarnings(parseConnection(url).connection)

describe('exposureWarnings', () => {
  it.each([
    ['postgresql://u:p@db.example.com/d', /unencrypted/],
    ['postgresql://u:p@db.example.com/d?sslmode=disable', /unencrypted/],
    ['postgresql://u:p@db.example.com/d?sslmode=allow', /unencrypted/],
    ['postgresql://u:p@192.0.2.1/d?sslmode=prefer&require_auth=password', /unencrypted/],
    ['postgresql://u:p@db.example.com/d?sslmode=require', /proves nothing/],
  ])('warns of %s', (url, words) => {
    expect(warnings(url)).toEqual([expect.stringMatching(words)])
    expect(warnings(url).join()).toContain('sslmode=verify-full')
  })

  it.each([
    'postgresql://u:p@db.example.com/d?sslmode=verify-full',
    'postgresql://u:p@db.example.com/d?sslmode=require&sslrootcert=/ca',
    'postgresql://u:p@db.example.com/d?sslmode=require&channel_binding=require',
    'postgresql://u:p@db.example.com/d?require_auth=scram-sha-256',
    'postgresql://u:p@localhost/d',
    'postgresql://u:p@127.0.0.2/d?sslmode=disable',
    'postgresql://u:p@[::1]/d',
    'postgresql://u:p@/d?host=/run/postgresql',
    'postgresql://u@db.example.com/d?sslmode=disable',
  ])('does not warn of %s', (url) => {
    expect(warnings(url)).toEqual([])
  })
})
