import * as sdk from '@aws-sdk/client-codeartifact'
import { parseGroupPattern } from '../../src/registry/group-pattern.ts'
import type { Lifetime } from '../../test/support/upstream.ts'
import { benchBulk, type BulkCase, type ControlPlaneResult, idOf } from '../control-plane.ts'
import { type CallCase, get, post } from './calls.ts'
import { appearanceKey, type Bulk } from './data.ts'

/** Packages of the small and of the large database; in each a package group for a thousandth of them, or ten. */
const SIZES = [1_000, 1_000_000] as const

function groupsOf(packages: number): number {
  return Math.max(packages / 1000, 10)
}

/** Package groups with ten groups and a thousand packages, and with a thousand groups and a million packages. */
export function benchPackageGroups(lifetime: Lifetime): Promise<readonly ControlPlaneResult[]> {
  const bulkCase: BulkCase = { sizes: SIZES, calls, setUp, fill }
  return benchBulk(lifetime, bulkCase)
}

const domain = { domain: 'bench' }

async function setUp({ sdk: client }: Parameters<BulkCase['setUp']>[0]): Promise<void> {
  await client.send(new sdk.CreateDomainCommand(domain))
  await client.send(new sdk.CreateRepositoryCommand({ ...domain, repository: 'main' }))
  await client.send(new sdk.CreatePackageGroupCommand({ ...domain, packageGroup: '/npm/*' }))
}

/**
 * Packages `/npm//team00000-000000` and on. Groups `/npm//team00000~` and on hold nearly all of them; `/npm/*` has
 * those that stand behind all these groups, in whatever way one looks: what its listing has to step over.
 */
async function fill(bulk: Bulk, packages: number): Promise<void> {
  const domainId = await idOf(bulk, 'domains', 'bench')
  const mainId = await idOf(bulk, 'repositories', 'main')
  const groups = groupsOf(packages)
  const perGroup = packages / groups
  await bulk.insert(
    (dialect) => {
      const name = `'team' || ${dialect.pad(`n / ${perGroup}`, 5)} || '-' || ${dialect.pad(`n % ${perGroup}`, 6)}`
      return insertPackages(`'p' || n`, `${name}`, domainId, mainId)
    },
    { from: 0, to: packages },
  )
  await bulk.insert(() => insertPackages(`'z' || n`, `'zebra' || n`, domainId, mainId), { from: 0, to: 200 })
  const key = (end: string) => `'${parseGroupPattern('/npm//x~').appearanceKey.slice(0, -2)}' || ${end}`
  await bulk.insert(
    (dialect) => {
      const name = `'team' || ${dialect.pad('n', 5)}`
      const mark = `'\u0001'`
      const looks = `replace(replace(replace(${name}, '0', 'o'), '1', 'l'), 'm', 'rn') || ${mark}`
      const spelt = parseGroupPattern('/npm//x~').spellingKey.slice(0, -2)
      return `insert into package_groups (id, domain_id, pattern, spelling_key, appearance_key, description, contact_info,
      publish_mode, external_upstream_mode, internal_upstream_mode, created_at) --select
      select 'g' || n, '${domainId}', '/npm//' || ${name} || '~', '${spelt}' || ${name} || ${mark}, ${key(looks)}, '', '',
      'INHERIT', 'INHERIT', 'INHERIT', 0 from seq`
    },
    { from: 0, to: groups - 2 },
  )
}

function insertPackages(id: string, name: string, domainId: string, repositoryId: string): string {
  return `insert into packages (id, domain_id, repository_id, format, namespace, name, publish_restriction,
    upstream_restriction, is_decided, appearance_key, event_sequence, created_at, updated_at) --select
    select ${id}, '${domainId}', '${repositoryId}', 'npm', '', ${name}, 'ALLOW', 'BLOCK', 0,
    ${appearanceKey(`'/npm//' || ${name}`)}, 0, 0, 0 from seq`
}

const team = { ...domain, 'package-group': '/npm//team00003~' }
const all = { ...domain, 'package-group': '/npm/*' }

const calls: readonly CallCase[] = [
  get('GetAssociatedPackageGroup', '/v1/get-associated-package-group', {
    ...domain,
    format: 'npm',
    package: 'team00003-000001',
  }),
  get('DescribePackageGroup', '/v1/package-group', team),
  post('ListPackageGroups', '/v1/package-groups', domain),
  post('ListPackageGroups, prefix', '/v1/package-groups', { ...domain, prefix: '/npm//team00003' }),
  post('ListSubPackageGroups of few', '/v1/package-groups/sub-groups', team),
  post('ListSubPackageGroups of all, a page of ten', '/v1/package-groups/sub-groups', { ...all, 'max-results': '10' }),
  get('ListAssociatedPackages, a group', '/v1/list-associated-packages', team),
  get('ListAssociatedPackages, behind all other groups', '/v1/list-associated-packages', all),
  get('ListAssociatedPackages, preview of a package', '/v1/list-associated-packages', {
    ...domain,
    'package-group': '/npm//team00003-000001$',
    preview: 'true',
  }),
  get('ListAssociatedPackages, preview of all', '/v1/list-associated-packages', {
    ...domain,
    'package-group': '/npm//t*',
    preview: 'true',
  }),
]
