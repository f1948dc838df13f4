import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'

/** A database to write into past the server, as a million publishes would take a day. */
export interface Bulk {
  /** `seq(n)` stands for the numbers of a range. */
  insert(statement: (sql: Dialect) => string, range: { readonly from: number; readonly to: number }): Promise<void>
  one(statement: string): Promise<Record<string, unknown>>
  run(statement: string): Promise<void>
  /** Lets the planner know what is there. */
  close(): Promise<void>
}

/** What the two databases spell differently. */
interface Dialect {
  /** As text, with zeros before it. */
  pad(expression: string, length: number): string
  bytes(text: string): string
}

/** Rows per statement. Ours. */
const CHUNK = 50_000

export function openSqliteBulk(file: string): Bulk {
  const db = new DatabaseSync(file)
  db.exec('pragma synchronous = off; pragma cache_size = -400000; pragma busy_timeout = 60000')
  const dialect: Dialect = {
    pad: (expression, length) => `printf('%0${length}d', ${expression})`,
    bytes: (text) => `cast(${text} as blob)`,
  }
  return {
    async insert(statement, { from, to }) {
      for (let start = from; start < to; start += CHUNK) {
        const end = Math.min(start + CHUNK, to)
        const seq = `with recursive seq(n) as (select ${start} union all select n + 1 from seq where n + 1 < ${end})`
        const [head = '', select = ''] = statement(dialect).split('--select')
        db.exec(`${head} ${seq} ${select} where true`)
      }
    },
    one: async (statement) => db.prepare(statement).get() ?? {},
    run: async (statement) => db.exec(statement),
    async close() {
      db.exec('analyze')
      db.close()
    },
  }
}

export async function openPostgresBulk(url: string): Promise<Bulk> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('set synchronous_commit = off')
  const dialect: Dialect = {
    pad: (expression, length) => `lpad((${expression})::text, ${length}, '0')`,
    bytes: (text) => `convert_to(${text}, 'UTF8')`,
  }
  return {
    async insert(statement, { from, to }) {
      const [head = '', select = ''] = statement(dialect).split('--select')
      await client.query(`${head} ${select.replace('from seq', `from generate_series(${from}, ${to - 1}) as seq(n)`)}`)
    },
    run: async (statement) => void (await client.query(statement)),
    one: async (statement) => ((await client.query(statement)).rows[0] ?? {}) as Record<string, unknown>,
    async close() {
      await client.query('vacuum analyze')
      await client.end()
    },
  }
}

/** `pathAppearanceKey`, as far as these paths need it, in SQL. */
export function appearanceKey(path: string): string {
  const marked = ['/', '.'].reduce((text, character) => `replace(${text}, '${character}', '\u0001${character}')`, path)
  const looks = [
    ['0', 'o'],
    ['1', 'l'],
    ['m', 'rn'],
    ['-', '\u0001.'],
  ] as const
  const replaced = looks.reduce((text, [from, to]) => `replace(${text}, '${from}', '${to}')`, marked)
  return `${replaced} || '\u0001\u0002'`
}

/** Versions of each package that is made in bulk. */
const VERSIONS_PER_PACKAGE = 10
/** Repositories that share one half of the packages; the other is all in `main`. */
export const BULK_REPOSITORIES = 10

interface Places {
  readonly domainId: string
  readonly mainId: string
  /** By number. */
  readonly bulkIds: readonly string[]
}

/**
 * Packages `lib-00000000` and on with ten versions each, an asset each; half of them in one repository. Half are npm's
 * without a scope, a quarter npm's with a scope for each 25, a quarter Maven's with a group for each five; ten came from
 * outside. Shapes and sizes of rows are those that a publish makes.
 */
export async function insertVersions(bulk: Bulk, { domainId, mainId, bulkIds }: Places, count: number): Promise<void> {
  const packages = { from: 0, to: count / VERSIONS_PER_PACKAGE }
  const versions = { from: 0, to: count }
  const now = Date.now()
  const repository = `case when n % 8 < 4 then '${mainId}' ${bulkIds
    .map((id, index) => `when n % ${BULK_REPOSITORIES} = ${index} then '${id}'`)
    .join(' ')} end`
  const format = `case when n % 4 = 3 then 'maven' else 'npm' end`
  const names = (sql: Dialect, n: string) => ({
    format: format.replaceAll('n %', `${n} %`),
    namespace: `case when ${n} % 4 = 2 then 'team' || ${sql.pad(`${n} / 100`, 5)} when ${n} % 4 = 3 then 'org.x' || ${sql.pad(`${n} / 20`, 5)} else '' end`,
    name: `'lib-' || ${sql.pad(n, 8)}`,
  })
  await bulk.insert((sql) => {
    const { namespace, name } = names(sql, 'n')
    return `insert into packages (id, domain_id, repository_id, format, namespace, name, publish_restriction,
      upstream_restriction, is_decided, appearance_key, event_sequence, created_at, updated_at) --select
      select 'p' || ${sql.pad('n', 8)}, '${domainId}', ${repository}, ${format}, ${namespace}, ${name},
        case when n < 100 and n % 10 = 0 then 'BLOCK' else 'ALLOW' end, case when n < 100 and n % 10 = 0 then 'ALLOW' else 'BLOCK' end, 0,
        ${appearanceKey(`'/' || ${format} || '/' || ${namespace} || '/' || ${name}`)}, 10, ${now}, ${now} from seq`
  }, packages)
  const owner = `n / ${VERSIONS_PER_PACKAGE}`
  const version = `'1.0.' || (n % ${VERSIONS_PER_PACKAGE})`
  await bulk.insert((sql) => {
    const at = names(sql, `(${owner})`)
    const document = `'{"name":"lib","version":"1.0.0","description":"${'x'.repeat(300)}"}'`
    return `insert into version_contents (id, domain_id, format, namespace, name, version, revision, document, facts,
      readme, is_inspected, created_at) --select
      select 'c' || ${sql.pad('n', 9)}, '${domainId}', ${at.format}, ${at.namespace}, ${at.name}, ${version},
        ${sql.pad('n', 43)} || '=', ${document}, '{"displayName":"lib","licenses":[],"dependencies":[]}', 'readme', 1,
        ${now} from seq`
  }, versions)
  await bulk.insert(
    (sql) => `insert into blobs (domain_id, sha256, size_bytes, created_at) --select
      select '${domainId}', ${sql.pad('n', 64)}, 1000, ${now} from seq`,
    versions,
  )
  await bulk.insert(
    (sql) => `insert into version_assets (content_id, name, domain_id, sha256, sha512, sha1, md5, size_bytes) --select
      select 'c' || ${sql.pad('n', 9)}, 'package.tgz', '${domainId}', ${sql.pad('n', 64)}, ${sql.pad('n', 128)},
        ${sql.pad('n', 40)}, ${sql.pad('n', 32)}, 1000 from seq`,
    versions,
  )
  await bulk.insert(
    (sql) => `insert into repository_versions (id, package_id, content_id, version, status, origin_type, entry_point,
      published_at, created_at) --select
      select 'v' || ${sql.pad('n', 9)}, 'p' || ${sql.pad(owner, 8)}, 'c' || ${sql.pad('n', 9)}, ${version}, 'Published',
        'INTERNAL', 'main', ${now} - n, ${now} from seq`,
    versions,
  )
}
