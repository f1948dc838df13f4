import { type EventRule, findRule, removeRuleTags } from '../../journal/bus/rules.ts'
import { RegistryError } from '../../registry/errors.ts'
import { checkTags, checkTotal, readTags, writeTags } from '../../registry/resource-tags.ts'
import * as field from './fields.ts'
import { type EventsCall, eventsOperation } from './operation.ts'
import { tagsOf } from './tags.ts'

export const tagOperations = {
  TagResource: eventsOperation({
    input: { ResourceARN: field.arn, Tags: field.tags },
    async run(call) {
      const { registry, input } = call
      const rule = await requireTagged(call)
      const tags = tagsOf(input.Tags)
      checkTags(tags, registry.limits)
      await call.change({ resourceARN: input.ResourceARN, tags }, async (write) => {
        await writeTags(write, rule.id, tags)
        await checkTotal(write, registry.limits, rule.id)
      })
      return {}
    },
  }),
  UntagResource: eventsOperation({
    input: { ResourceARN: field.arn, TagKeys: field.tagKeys },
    async run(call) {
      const { input } = call
      const rule = await requireTagged(call)
      const shown = { resourceARN: input.ResourceARN, tagKeys: input.TagKeys }
      await call.change(shown, (write) => removeRuleTags(write, rule.id, input.TagKeys))
      return {}
    },
  }),
  ListTagsForResource: eventsOperation({
    input: { ResourceARN: field.arn },
    async run(call) {
      const rule = await requireTagged(call)
      const tags = await readTags(call.registry.metadata.db, rule.id)
      return { Tags: tags.map(({ key: Key, value: Value }) => ({ Key, Value })) }
    },
  }),
}

/** Rules are all that has tags here. Throws `AccessDeniedError` or `missing`. */
async function requireTagged(call: EventsCall<{ readonly ResourceARN: string }>): Promise<EventRule> {
  const { ResourceARN } = call.input
  await call.authorize(ResourceARN)
  const prefix = call.arn('rule/')
  const name = ResourceARN.startsWith(prefix) ? ResourceARN.slice(prefix.length) : ''
  const rule = await findRule(call.registry.metadata.db, call.account, name)
  if (rule) return rule
  throw new RegistryError('missing', `There is no rule ${ResourceARN.slice(0, 200)}.`)
}
