import { describe, expect, it } from '@jest/globals'
import { isExposed } from '../../../src/meilisearch/exposed.ts'

describe('A search server', () => {
  it.each([
    'http://search.example.com:7700',
    'http://203.0.113.7',
    'http://10.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://172.32.0.1',
    'http://[2001:db8::1]:7700',
  ])('is exposed at %s', (host) => {
    expect(isExposed(host)).toBe(true)
  })

  it.each([
    'https://search.example.com',
    'http://meilisearch:7700',
    'http://localhost:7700',
    'http://127.0.0.1:7700',
    'http://10.1.2.3',
    'http://172.16.0.1',
    'http://192.168.1.2:7700',
    'http://[::1]:7700',
  ])('is not at %s', (host) => {
    expect(isExposed(host)).toBe(false)
  })
})
