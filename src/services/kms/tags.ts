import type { ResourceTag } from '../../registry/resource-tags.ts'
import { CodedError } from '../coded-error.ts'

/** Tags as the registry spells them. Throws `CodedError`. Source: KMS API Reference, `TagException`. */
export function tagsOf(given: readonly { readonly TagKey: string; readonly TagValue: string }[]): ResourceTag[] {
  const keys = given.map(({ TagKey }) => TagKey)
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined) throw new CodedError('TagException', `Tag key '${twice}' is given more than once`)
  const reserved = keys.find((key) => key.toLowerCase().startsWith('aws:'))
  if (reserved !== undefined) throw new CodedError('TagException', `Tag key '${reserved}' must not start with 'aws:'`)
  return given.map(({ TagKey: key, TagValue: value }) => ({ key, value }))
}
