import { tagKey, untagKey } from '../../registry/encryption-key-changes.ts'
import { readTags } from '../../registry/resource-tags.ts'
import * as field from './fields.ts'
import { kmsOperation, refuseManaged, refusePending } from './operation.ts'
import { tagsOf } from './tags.ts'

export const tagOperations = {
  TagResource: kmsOperation({
    input: { KeyId: field.keyId, Tags: field.tags },
    async run(call) {
      const { registry, caller, keyOf, input } = call
      const key = await keyOf(input.KeyId)
      refuseManaged(call, key)
      refusePending(registry, key)
      const tags = tagsOf(input.Tags)
      await tagKey(registry, caller, { key, tags })
      return {}
    },
  }),
  UntagResource: kmsOperation({
    input: { KeyId: field.keyId, TagKeys: field.tagKeys },
    async run(call) {
      const { registry, caller, keyOf, input } = call
      const key = await keyOf(input.KeyId)
      refuseManaged(call, key)
      refusePending(registry, key)
      await untagKey(registry, caller, { key, keys: input.TagKeys })
      return {}
    },
  }),
  ListResourceTags: kmsOperation({
    // A key has 50 tags at most: they fit on the first page.
    input: { KeyId: field.keyId, Limit: field.limitField, Marker: field.marker },
    async run({ registry, keyOf, input }) {
      const { id } = await keyOf(input.KeyId)
      const tags = await readTags(registry.metadata.db, id)
      return { Tags: tags.map(({ key: TagKey, value: TagValue }) => ({ TagKey, TagValue })), Truncated: false }
    },
  }),
}
