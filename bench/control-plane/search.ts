import * as sdk from '@aws-sdk/client-codeartifact'
import type { Lifetime } from '../../test/support/upstream.ts'
import { benchBulk, type BulkCase, type ControlPlaneResult, idOf } from '../control-plane.ts'
import { type CallCase, get } from './calls.ts'
import { appearanceKey, type Bulk } from './data.ts'

/** Packages of the small and of the large database: as many as a thousand and a million versions are of, by tens. */
const SIZES = [100, 100_000] as const
/** Positions of the names that are made here. */
const NAME_CHARACTERS = 18

const domain = { domain: 'bench' }
const search = '/packyard/v1/packages/search'

/** Names as people type them, from one letter that all have to what only one has; in a domain and in a repository. */
const calls: readonly CallCase[] = [
  get('SearchPackages, one letter', search, { ...domain, text: 'l' }),
  get('SearchPackages, prefix of all', search, { ...domain, text: 'lib-' }),
  get('SearchPackages, inside all', search, { ...domain, text: '-core' }),
  get('SearchPackages, inside some', search, { ...domain, text: '042' }),
  get('SearchPackages, inside one', search, { ...domain, text: '-00000077' }),
  get('SearchPackages, inside none', search, { ...domain, text: 'nothing' }),
  get('SearchPackages, in a large repository', search, { ...domain, repository: 'main', text: '042' }),
  get('SearchPackages, in a small repository', search, { ...domain, repository: 'few', text: '-core' }),
]

/** Search as somebody types, among few packages and among many. */
export function benchPackageSearch(lifetime: Lifetime): Promise<readonly ControlPlaneResult[]> {
  const bulkCase: BulkCase = { sizes: SIZES, calls, setUp, fill }
  return benchBulk(lifetime, bulkCase)
}

async function setUp({ sdk: client }: Parameters<BulkCase['setUp']>[0]): Promise<void> {
  await client.send(new sdk.CreateDomainCommand(domain))
  for (const repository of ['main', 'few'])
    await client.send(new sdk.CreateRepositoryCommand({ ...domain, repository }))
}

/** Packages `lib-00000000-core` and on; every fiftieth in a repository of its own, and in no other. */
async function fill(bulk: Bulk, packages: number): Promise<void> {
  const domainId = await idOf(bulk, 'domains', 'bench')
  const [mainId, fewId] = [await idOf(bulk, 'repositories', 'main'), await idOf(bulk, 'repositories', 'few')]
  const range = { from: 0, to: packages }
  await bulk.insert((sql) => {
    const name = `'lib-' || ${sql.pad('n', 8)} || '-core'`
    return `insert into packages (id, domain_id, repository_id, format, namespace, name, publish_restriction,
      upstream_restriction, is_decided, appearance_key, event_sequence, created_at, updated_at) --select
      select 'p' || n, '${domainId}', case when n % 50 = 0 then '${fewId}' else '${mainId}' end, 'npm', '', ${name},
      'ALLOW', 'BLOCK', 0, ${appearanceKey(`'/npm//' || ${name}`)}, 1, 1, 1 from seq`
  }, range)
  const positions = Array.from({ length: NAME_CHARACTERS }, (_, at) => `select ${at} as at`).join(' union all ')
  await bulk.insert((sql) => {
    const name = `'lib-' || ${sql.pad('n', 8)} || '-core'`
    return `insert into package_name_parts (domain_id, is_inner, part, format, namespace, name, position) --select
      select '${domainId}', case when at = 0 then 0 else 1 end, substr(${name}, at + 1), 'npm', '', ${name}, at
      from seq join (${positions}) as positions on at < length(${name})`
  }, range)
}
