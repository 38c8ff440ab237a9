import { describe, expect, it } from '@jest/globals'
import { parseDeb822, parseOneLine } from '../../support/apt-sources.ts'

describe('sources of apt', () => {
  it('reads paragraphs with comments, several suites and a keyring', () => {
    const text = `Types: deb
# where it came from
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
`
    expect(parseDeb822(text)).toEqual([
      {
        uri: 'http://mirror.example/debian',
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main', 'contrib'],
        signedBy: '/usr/share/keyrings/archive.gpg',
      },
    ])
  })

  it('leaves out paragraphs that are switched off', () => {
    const text = 'Enabled: no\nTypes: deb\nURIs: http://mirror.example\nSuites: noble\nComponents: main\n'
    expect(parseDeb822(text)).toEqual([])
  })

  it('reads lines with and without options, and no comments', () => {
    const text = `# deb http://mirror.example old main
deb [arch=amd64 signed-by=/k.gpg] mirror+file:/etc/apt/mirrors.txt noble main universe # here
deb-src http://mirror.example noble main
deb http://mirror.example noble-updates main
`
    expect(parseOneLine(text)).toEqual([
      {
        uri: 'mirror+file:/etc/apt/mirrors.txt',
        suites: ['noble'],
        components: ['main', 'universe'],
        signedBy: '/k.gpg',
      },
      { uri: 'http://mirror.example', suites: ['noble-updates'], components: ['main'] },
    ])
  })
})
