import type { ResourceTag } from '../../registry/resource-tags.ts'

/** Tags as the registry spells them. */
export function tagsOf(given: readonly { readonly Key: string; readonly Value: string }[]): ResourceTag[] {
  return given.map(({ Key: key, Value: value }) => ({ key, value }))
}
