import { RegistryError } from '../../registry/errors.ts'
import { listTags, type TaggedAddress, tagResource, untagResource } from '../../registry/resource-tags.ts'
import * as field from './fields.ts'
import { operation } from './operation.ts'
import { type TaggedThing, taggedTarget } from './tagged-target.ts'

const resourceInput = { resourceArn: field.resourceArn }

export const tagOperations = {
  TagResource: operation({
    http: 'POST /v1/tag',
    remark: 'For domains and repositories; package groups are not there yet.',
    input: { ...resourceInput, tags: field.tags },
    target: taggedTarget,
    async run({ registry, caller, address, input: { tags } }) {
      await tagResource(registry, caller, { address: taggable(address), tags })
      return { members: {} }
    },
  }),
  UntagResource: operation({
    http: 'POST /v1/untag',
    remark: 'For domains and repositories; package groups are not there yet.',
    input: { ...resourceInput, tagKeys: field.tagKeys },
    target: taggedTarget,
    async run({ registry, caller, address, input: { tagKeys } }) {
      await untagResource(registry, caller, { address: taggable(address), keys: tagKeys })
      return { members: {} }
    },
  }),
  ListTagsForResource: operation({
    http: 'POST /v1/tags',
    remark: 'For domains and repositories; package groups are not there yet.',
    input: resourceInput,
    target: taggedTarget,
    async run({ registry, address }) {
      return { members: { tags: await listTags(registry, taggable(address)) } }
    },
  }),
}

function taggable(thing: TaggedThing): TaggedAddress {
  if (thing !== 'package-group') return thing
  throw new RegistryError('missing', 'Package group not found. Package groups are not implemented yet.')
}
