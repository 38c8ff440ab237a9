import { describe, expect, it } from '@jest/globals'
import type { StanzaKind } from '../../../src/pipeline/age/header.ts'
import { describeEncryption, judgeEncryption, type SeenArtifact } from '../../../src/watch/encryption.ts'
import { backupsOf } from '../../support/watched-backups.ts'

const [A, B, QUANTUM] = [`age1${'a'.repeat(58)}`, `age1${'b'.repeat(58)}`, `age1pq1${'c'.repeat(58)}`]
const backups = backupsOf(3, 27)
const [newest, older] = backups.map(({ id }) => id)

function artifact(
  header: readonly StanzaKind[] | 'plain',
  claimed: readonly string[],
  id = newest ?? '',
  file = 'app.dump.xz.age',
): SeenArtifact {
  return { id, file, header, claimed }
}

const ONE: readonly StanzaKind[] = ['X25519']
const TWO: readonly StanzaKind[] = ['X25519', 'X25519']

describe('judgeEncryption', () => {
  it.each([
    ['is content with what the manifest says', artifact(TWO, [A, B]), {}, []],
    ['wants those that are wanted', artifact(TWO, [A, B]), { recipients: [B, A] }, []],
    ['counts', artifact(ONE, [A]), { least: 2 }, ['target']],
    ['holds a header to its manifest', artifact(ONE, [A, B]), {}, ['manifest']],
    ['knows the kinds', artifact(['mlkem768x25519'], [A]), {}, ['manifest']],
    ['sees a passphrase', artifact(['scrypt'], [A]), {}, ['manifest']],
    ['misses one that is wanted', artifact(ONE, [A]), { recipients: [A, B] }, ['wanted']],
    ['wants the kind that is wanted', artifact(ONE, [A]), { recipients: [QUANTUM] }, ['wanted']],
    [
      "takes the manifest's word for whose key it is",
      artifact(TWO, [A, B]),
      { recipients: [A, A] },
      ['wanted'],
    ],
    ['finds a plain object that is called encrypted', artifact('plain', [A]), {}, ['unencrypted']],
    ['wants nothing where nobody should be', artifact('plain', []), { recipients: [] }, []],
    ['lets older backups be as they were made', artifact(ONE, [A], older), { recipients: [B], least: 2 }, []],
  ] as const)('%s', (_, seen, wanted, found) => {
    const breaches = judgeEncryption('app', { backups, seen: [seen] }, wanted)
    expect(breaches.map((breach) => ('by' in breach ? breach.by : breach.kind))).toEqual(found)
  })

  it('says once what is wrong with all artifacts of all backups', () => {
    const seen = [artifact(ONE, [A, B]), artifact(ONE, [A, B], newest, 'app.globals.sql.xz.age')]
    expect(
      judgeEncryption('app', { backups, seen: [...seen, artifact(ONE, [A, B], older)] }, {}),
    ).toHaveLength(1)
  })

  it('tells by their names how many backups are in plain', () => {
    const plain = backups.map((backup) => ({ ...backup, files: ['manifest.json', 'app.dump.xz'] }))
    expect(judgeEncryption('app', { backups: plain, seen: [] }, {})).toEqual([
      { kind: 'unencrypted', name: 'app', id: newest, file: 'app.dump.xz', claimed: false, backups: 2 },
    ])
  })

  it.each([
    [[artifact(TWO, [A, B])], '2 × X25519'],
    [[artifact(TWO, [A, B]), artifact('plain', [])], 'NOT ENCRYPTED'],
    [[artifact(TWO, [A, B], older)], undefined],
    [[], undefined],
  ])('says for whom the newest is encrypted (%#)', (seen, said) => {
    expect(describeEncryption(seen, newest)).toBe(said)
  })
})
