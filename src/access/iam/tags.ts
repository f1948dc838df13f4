import type { Write } from '../../storage/metadata/metadata.ts'
import { identityScope } from '../../storage/metadata/scopes.ts'
import { IamError, invalidInput } from './iam-error.ts'
import type { Database } from './parts.ts'

export interface Tag {
  readonly key: string
  readonly value: string
}

/** Source: IAM User Guide, "IAM and AWS STS quotas". */
const TAGS_MAX = 50

/** By key. */
export function listTags(db: Database, entityId: string): Promise<Tag[]> {
  return db
    .selectFrom('resource_tags')
    .select(['key', 'value'])
    .where('resource_id', '=', entityId)
    .orderBy('key')
    .execute()
}

/** Keys are the same in any case; the latest spelling stands. Throws `IamError`. */
export async function putTags(write: Write, entityId: string, tags: readonly Tag[]): Promise<void> {
  checkTags(tags)
  const standing = await listTags(write.tx, entityId)
  for (const { key, value } of tags) {
    const same = standing.filter((tag) => tag.key.toLowerCase() === key.toLowerCase())
    await removeTags(write, entityId, [key, ...same.map((tag) => tag.key)])
    await write.tx.insertInto('resource_tags').values({ resource_id: entityId, key, value }).execute()
  }
  if ((await listTags(write.tx, entityId)).length > TAGS_MAX) {
    throw new IamError('limit', `The number of tags has reached the maximum limit of ${TAGS_MAX}.`)
  }
  write.touch(identityScope)
}

export async function removeTags(write: Write, entityId: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await write.tx.deleteFrom('resource_tags').where('resource_id', '=', entityId).where('key', 'in', keys).execute()
  write.touch(identityScope)
}

export function checkTags(tags: readonly Tag[]): void {
  const seen = new Set<string>()
  for (const { key, value } of tags) {
    const folded = key.toLowerCase()
    if (key === '' || key.length > 128) throw invalidInput('tag key', key, 'must have 1 to 128 characters')
    if (value.length > 256) throw invalidInput('tag value', value, 'must have at most 256 characters')
    if (folded.startsWith('aws:')) throw invalidInput('tag key', key, 'must not start with "aws:"')
    if (seen.has(folded)) throw invalidInput('tag key', key, 'is given more than once')
    seen.add(folded)
  }
  if (tags.length > TAGS_MAX) throw new IamError('limit', `At most ${TAGS_MAX} tags can be given.`)
}
