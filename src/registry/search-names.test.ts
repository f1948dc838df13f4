import assert from 'node:assert/strict'
import { sql } from 'kysely'
import {
  CreateDomainCommand,
  CreateRepositoryCommand,
  DeletePackageCommand,
  DeleteRepositoryCommand,
} from '@aws-sdk/client-codeartifact'
import { type ControlPlane, OWNER, storeVersion, testOnEachDatabase } from '../../test/support/control-plane.ts'
import { type FormatId, parseAccountId, parseDomainName, parseRepositoryName } from './names.ts'
import type { PageKey } from './pages.ts'
import { searchNames } from './search-names.ts'
import { packageNameParts } from '../storage/metadata/migrations/0015-package-name-parts.ts'

const domain = 'acme'

async function start(plane: ControlPlane, repositories: readonly string[]): Promise<void> {
  await plane.client.send(new CreateDomainCommand({ domain }))
  for (const repository of repositories) await plane.client.send(new CreateRepositoryCommand({ domain, repository }))
}

async function store(plane: ControlPlane, repository: string, names: readonly string[], format: FormatId = 'npm') {
  for (const text of names) {
    const [name = '', namespace = ''] = text.split('/').toReversed()
    await storeVersion(plane, { domain, repository, format, namespace, name, version: '1.0.0' })
  }
}

interface Asked {
  readonly repository?: string
  readonly format?: FormatId
  readonly size?: number
}

/** All pages together. */
async function found(
  plane: ControlPlane,
  text: string,
  { repository, format, size = 100 }: Asked = {},
): Promise<string[]> {
  const address = {
    owner: parseAccountId(OWNER),
    domain: parseDomainName(domain),
    ...(repository !== undefined && { repository: parseRepositoryName(repository) }),
  }
  const names: string[] = []
  let after: PageKey | undefined
  do {
    const page = await searchNames(plane.registry, { address, text, format }, { size, ...(after && { after }) })
    assert.ok(page.items.length <= size)
    names.push(...page.items.map(({ namespace, name }) => (namespace === '' ? name : `${namespace}/${name}`)))
    after = page.next
  } while (after)
  return names
}

testOnEachDatabase('names are found by any piece of them, those that begin so first', async (open) => {
  const plane = await open()
  await start(plane, ['own', 'other'])
  await store(plane, 'own', [
    'react',
    'preact',
    'react-dom',
    'team/react',
    'team/tools',
    'Left-Pad',
    'react-react',
    'a%_b',
  ])
  await store(plane, 'other', ['react', 'reactor'])
  await store(plane, 'other', ['reactive'], 'pypi')
  const all = ['react', 'team/react', 'react-dom', 'react-react', 'reactive', 'reactor', 'preact']
  assert.deepEqual(await found(plane, 'react'), all)
  for (const size of [1, 2, 3]) assert.deepEqual(await found(plane, 'react', { size }), all, `pages of ${size}`)
  assert.deepEqual(await found(plane, 'REACT', { format: 'pypi' }), ['reactive'])
  assert.deepEqual(await found(plane, 'react', { repository: 'other' }), ['react', 'reactive', 'reactor'])
  assert.deepEqual(await found(plane, 'act-d'), ['react-dom'])
  assert.deepEqual(await found(plane, '@team/r'), ['team/react'])
  assert.deepEqual(await found(plane, 'team'), ['team/react', 'team/tools'])
  assert.deepEqual(await found(plane, 'left-'), ['Left-Pad'])
  assert.deepEqual(await found(plane, '%_'), ['a%_b'])
  assert.deepEqual(await found(plane, 'none'), [])
  assert.equal((await found(plane, '')).length, 10)
})

testOnEachDatabase('a name is forgotten with its last package, and not before', async (open) => {
  const plane = await open()
  await start(plane, ['own', 'other', 'third'])
  for (const repository of ['own', 'other', 'third']) await store(plane, repository, ['tiny'])
  const gone = { domain, format: 'npm', package: 'tiny' } as const
  await plane.client.send(new DeletePackageCommand({ ...gone, repository: 'own' }))
  assert.deepEqual(await found(plane, 'iny'), ['tiny'])
  assert.deepEqual(await found(plane, 'iny', { repository: 'own' }), [])
  await plane.client.send(new DeleteRepositoryCommand({ domain, repository: 'other' }))
  assert.deepEqual(await found(plane, 'iny'), ['tiny'])
  await plane.client.send(new DeletePackageCommand({ ...gone, repository: 'third' }))
  assert.deepEqual(await found(plane, 'iny'), [])
  const { db } = plane.registry.metadata
  assert.deepEqual(await db.selectFrom('package_name_parts').selectAll().execute(), [])
})

testOnEachDatabase('a long name is found by what stands far behind, and by more than one row holds', async (open) => {
  const plane = await open()
  await start(plane, ['own'])
  const long = `${'ab'.repeat(30)}-needle-${'cd'.repeat(60)}`
  await store(plane, 'own', [long, `${'ab'.repeat(30)}-other`])
  assert.deepEqual(await found(plane, 'needle'), [long])
  assert.deepEqual(await found(plane, `${'ab'.repeat(30)}-n`), [long])
})

testOnEachDatabase('names of before are indexed as those that come later', async (open) => {
  const plane = await open()
  await start(plane, ['own', 'other'])
  await store(plane, 'own', ['Tiny', 'team/Tools', 'ÄÖ-ü', 'x'.repeat(200)])
  await store(plane, 'other', ['Tiny'])
  await store(plane, 'other', ['org.apache/commons'], 'maven')
  const { metadata } = plane.registry
  const read = () =>
    metadata.db
      .selectFrom('package_name_parts')
      .selectAll()
      .orderBy('part')
      .orderBy('position')
      .orderBy('name')
      .execute()
  const made = await read()
  assert.ok(made.length > 150)
  const none = { text: '', integer: '', blob: '', sequence: '', tableEnd: '' }
  const [, fill = ''] = packageNameParts.statements(none)
  await metadata.write(async ({ tx }) => {
    await tx.deleteFrom('package_name_parts').execute()
    await sql.raw(fill).execute(tx)
  })
  assert.deepEqual(await read(), made)
})
