import { listTags, tagResource, untagResource } from '../../registry/resource-tags.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { taggedTarget } from './tagged-target.ts'

const resourceInput = { resourceArn: field.resourceArn }

export const tagOperations = {
  TagResource: operation({
    http: 'POST /v1/tag',
    input: { ...resourceInput, tags: field.tags },
    target: taggedTarget,
    async run({ registry, caller, address, input: { tags } }) {
      await tagResource(registry, caller, { address, tags })
      return { members: {} }
    },
  }),
  UntagResource: operation({
    http: 'POST /v1/untag',
    input: { ...resourceInput, tagKeys: field.tagKeys },
    target: taggedTarget,
    async run({ registry, caller, address, input: { tagKeys } }) {
      await untagResource(registry, caller, { address, keys: tagKeys })
      return { members: {} }
    },
  }),
  ListTagsForResource: operation({
    http: 'POST /v1/tags',
    input: resourceInput,
    target: taggedTarget,
    async run({ registry, address }) {
      return { members: { tags: await listTags(registry, address) } }
    },
  }),
}
