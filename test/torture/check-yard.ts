import { createHash } from 'node:crypto'
import { verify } from '../../src/jobs/verify/verify.ts'
import { findFilling } from '../../src/jobs/backup/restore.ts'
import type { Entry, Say, Yard } from './ledger.ts'
import type { OpenYard } from './open-yard.ts'
import { pick, type Random } from './random.ts'

/** Old entries that are looked at again in each life. */
const sampled = 6

/**
 * Compares what the yard holds with what was acknowledged: nothing is lost, nothing has come back, every index tells the
 * truth, and whatever rows refer to is in the store. What nobody knew is known afterwards.
 */
export async function checkYard(
  open: OpenYard,
  yard: Yard,
  say: Say,
  random: Random,
  depth: 'news' | 'all',
): Promise<void> {
  if (await findFilling(open.opened.registry.metadata.db)) throw new Error('the database says that it is not whole')
  const entries = chosen(yard, random, depth)
  for (const [name, entry] of entries) {
    for (const repository of ['main', 'copies'] as const) await checkVersion(open, name, entry, repository, say)
  }
  for (const name of yard.ingested) {
    if (!(await open.lists('main', name))) throw new Error(`${name} was given to a client and is not listed`)
  }
  say({ told: 'checked', versions: entries.length, blobs: await checkReferences(open, depth) })
}

function chosen(yard: Yard, random: Random, depth: 'news' | 'all'): readonly (readonly [string, Entry])[] {
  const all = Object.entries(yard.versions)
  if (depth === 'all') return all
  const news = all.filter(
    ([, entry]) => entry.life >= yard.life - 1 || entry.main === 'unknown' || entry.copies === 'unknown',
  )
  const old = Array.from({ length: sampled }, () => pick(random, all)).filter((entry) => entry !== undefined)
  return [...new Set([...news, ...old])]
}

async function checkVersion(open: OpenYard, name: string, entry: Entry, repository: 'main' | 'copies', say: Say) {
  const known = entry[repository]
  const [bytes, isListed] = [await open.download(repository, name), await open.lists(repository, name)]
  const found = bytes === undefined ? 'gone' : 'there'
  if (known !== 'unknown' && found !== known) throw new Error(`${name} in ${repository} is ${found}, and was ${known}`)
  if (isListed !== (found === 'there')) throw new Error(`the index of ${name} in ${repository} lies: it is ${found}`)
  if (bytes && createHash('sha256').update(bytes).digest('hex') !== entry.sha256)
    throw new Error(`${name} has other bytes`)
  if (known === 'unknown') say({ told: 'version', name, in: repository, known: found, sha256: entry.sha256 })
}

/** Every blob that a row refers to is in the store; all of them are hashed, too, when that is asked for. */
async function checkReferences({ opened }: OpenYard, depth: 'news' | 'all'): Promise<number> {
  const { registry, stored } = opened
  if (depth === 'all') {
    const { signal } = new AbortController()
    const parts = { metadata: registry.metadata, blobs: stored, signal, onProgress: async () => {}, repair: undefined }
    const { missingBlobs, damagedBlobs, checkedBlobs } = await verify(parts, undefined)
    if (missingBlobs + damagedBlobs > 0) throw new Error(`${missingBlobs} blobs are missing, ${damagedBlobs} damaged`)
    return checkedBlobs
  }
  const rows = await registry.metadata.db
    .selectFrom('version_assets')
    .select(['domain_id', 'sha256'])
    .distinct()
    .execute()
  for (const { domain_id: domainId, sha256 } of rows) {
    if (!(await stored.has({ domainId, sha256 }))) throw new Error(`blob ${sha256} is referred to and not there`)
  }
  return rows.length
}
