import assert from 'node:assert/strict'
import type { Bulk } from '../control-plane/data.ts'

/** What differs between the rows of two formats. `n` is the package's number, with zeros before it. */
interface Kind {
  readonly format: 'ruby' | 'cargo'
  /** An SQL expression, as are the others. */
  readonly name: string
  readonly version: string
  readonly asset: string
  readonly document: string
}

const number = `printf('%06d', n)`

const kinds: readonly Kind[] = [
  {
    format: 'ruby',
    name: `'gem-' || ${number}`,
    version: '1.0',
    asset: `'gem-' || ${number} || '-1.0.gem'`,
    document: `'{"name":"gem-' || ${number} || '","version":"1.0","gems":{"gem-' || ${number} || '-1.0.gem":{"platform":"ruby","source":"gem","runtime":[{"name":"rack","requirements":[">= 2.0"]}],"development":[],"ruby":[],"rubygems":[]}}}'`,
  },
  {
    format: 'cargo',
    name: `'crate_' || ${number}`,
    version: '1.0.0',
    asset: `'crate_' || ${number} || '-1.0.0.crate'`,
    document: `'{"entry":{"name":"crate_' || ${number} || '","vers":"1.0.0","deps":[],"features":{},"yanked":false},"manifest":{}}'`,
  },
]

/** Gems `gem-000000` and crates `crate_000000` and on, a version and an asset each; rows as a publish makes them. SQLite only. */
export async function insertPackages(bulk: Bulk, repository: string, count: number): Promise<void> {
  const { id, domain_id: domain } = await bulk.one(
    `select id, domain_id from repositories where name = '${repository}'`,
  )
  assert.ok(typeof id === 'string' && typeof domain === 'string')
  for (const kind of kinds) await insertKind(bulk, kind, { repositoryId: id, domainId: domain, count })
}

interface Place {
  readonly repositoryId: string
  readonly domainId: string
  readonly count: number
}

async function insertKind(bulk: Bulk, kind: Kind, { repositoryId, domainId, count }: Place): Promise<void> {
  const { format, name, version, asset, document } = kind
  const range = { from: 0, to: count }
  // A day ago: what changed just now would be looked at again.
  const at = Date.now() - 86_400_000
  const key = (letter: string) => `'${letter}${format}' || ${number}`
  const digest = (length: number) => `printf('%0${length}d', n)`
  const add = (statement: string) => bulk.insert(() => statement, range)
  await add(`insert into packages (id, domain_id, repository_id, format, namespace, name, publish_restriction,
    upstream_restriction, is_decided, appearance, event_sequence, created_at, updated_at) --select
    select ${key('p')}, '${domainId}', '${repositoryId}', '${format}', '', ${name}, 'ALLOW', 'BLOCK', 1,
      '/${format}//' || ${name}, 1, ${at}, ${at} + n / 1000 from seq`)
  await add(`insert into version_contents (id, domain_id, format, namespace, name, version, revision, document, facts,
    readme, is_inspected, created_at) --select
    select ${key('c')}, '${domainId}', '${format}', '', ${name}, '${version}', ${digest(43)} || '=', ${document},
      '{"licenses":[],"dependencies":[]}', null, 1, ${at} from seq`)
  await add(`insert or ignore into blobs (domain_id, sha256, size_bytes, created_at) --select
    select '${domainId}', ${digest(64)}, 1000, ${at} from seq`)
  await add(`insert into version_assets (content_id, name, domain_id, sha256, sha512, sha1, md5, size_bytes) --select
    select ${key('c')}, ${asset}, '${domainId}', ${digest(64)}, ${digest(128)}, ${digest(40)}, ${digest(32)}, 1000 from seq`)
  await add(`insert into repository_versions (id, package_id, content_id, version, status, origin_type, entry_point,
    published_at, created_at) --select
    select ${key('v')}, ${key('p')}, ${key('c')}, '${version}', 'Published', 'INTERNAL', '${repositoryId}', ${at}, ${at}
    from seq`)
}
