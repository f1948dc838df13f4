import type { Metadata } from './metadata.ts'
import type { AccountTable } from './identity-schema.ts'
import type { PackageTable } from './schema.ts'

/** A database of its own, which may be opened any number of times. */
export interface DatabaseUnderTest {
  readonly kind: Metadata['kind']
  /** File or URL. */
  readonly address: string
  /** Closed after the test. */
  open(): Promise<Metadata>
}

/** A test that gets a new database. */
export type On = (title: string, run: (database: DatabaseUnderTest) => Promise<void>) => void

export function account(id: string): AccountTable {
  return { id, name: `account ${id}`, created_at: 0 }
}

export function user(user_id: string, account_id: string, name: string) {
  return { user_id, account_id, name, path: '/', created_at: 0 }
}

export async function addAccounts(metadata: Metadata, ids: readonly string[]): Promise<void> {
  await metadata.write(async ({ tx }) => tx.insertInto('accounts').values(ids.map(account)).execute())
}

export async function accountIds(metadata: Metadata): Promise<string[]> {
  return (await metadata.db.selectFrom('accounts').select('id').orderBy('id').execute()).map(({ id }) => id)
}

/** A domain with two repositories, one upstream of the other, and one version of one package with one asset. */
export async function fillDomain(metadata: Metadata): Promise<void> {
  const domain = { id: 'd', owner: 'a', name: 'd', encryption_key: '', asset_size_bytes: 1, repository_count: 2 }
  const coordinates = { domain_id: 'd', format: 'npm', namespace: '', name: 'p' }
  const restrictions = { publish_restriction: 'ALLOW', upstream_restriction: 'ALLOW' }
  const found: PackageTable = {
    ...coordinates,
    ...restrictions,
    id: 'p',
    repository_id: 'r1',
    is_decided: 0,
    appearance_key: null,
    event_sequence: 0,
    created_at: 0,
    updated_at: 0,
  }
  const content = { id: 'c', version: '1', revision: 'r', document: '{}', facts: '{}', readme: null, is_inspected: 1 }
  const digests = { sha256: 's', sha512: 's', sha1: 's', md5: 's' }
  await addAccounts(metadata, ['a'])
  await metadata.write(async ({ tx }) => {
    await tx
      .insertInto('domains')
      .values({ ...domain, created_at: 0 })
      .execute()
    for (const id of ['r1', 'r2']) {
      const repository = { id, domain_id: 'd', name: id, administrator_account: 'a', description: '', created_at: 0 }
      await tx.insertInto('repositories').values(repository).execute()
    }
    await tx
      .insertInto('repository_upstreams')
      .values({ repository_id: 'r2', position: 0, upstream_id: 'r1' })
      .execute()
    await tx
      .insertInto('repository_connections')
      .values({ repository_id: 'r1', format: 'npm', connection: 'x' })
      .execute()
    await tx.insertInto('packages').values(found).execute()
    await tx.insertInto('package_tags').values({ package_id: 'p', tag: 'latest', version: '1' }).execute()
    await tx.insertInto('blobs').values({ domain_id: 'd', sha256: 's', size_bytes: 1, created_at: 0 }).execute()
    await tx
      .insertInto('version_contents')
      .values({ ...coordinates, ...content, created_at: 0 })
      .execute()
    const asset = { content_id: 'c', name: 'f', domain_id: 'd', size_bytes: 1, ...digests }
    await tx.insertInto('version_assets').values(asset).execute()
    const reference = { id: 'v', package_id: 'p', content_id: 'c', version: '1', status: 'Published' }
    const origin = { origin_type: 'INTERNAL', entry_point: null, published_at: 0, created_at: 0 }
    await tx
      .insertInto('repository_versions')
      .values({ ...reference, ...origin })
      .execute()
  })
}

/** Tables that hold something. */
export async function countRows({ db }: Metadata): Promise<Record<string, number>> {
  const tables = [
    'accounts',
    'blobs',
    'domains',
    'packages',
    'package_tags',
    'repositories',
    'repository_connections',
    'repository_upstreams',
    'repository_versions',
    'version_assets',
    'version_contents',
  ] as const
  const counts: Record<string, number> = {}
  for (const table of tables) {
    const { count } = await db
      .selectFrom(table)
      .select((on) => on.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (count > 0) counts[table] = count
  }
  return counts
}
