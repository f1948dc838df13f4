import Type, { type TSchema } from 'typebox'
import { accountField, domainField, flag, repositoryField } from '../codeartifact/fields.ts'
import { formatIds, type FormatId } from '../../registry/names.ts'

/** The inputs and outputs that several operations have alike. `rule` ends the sentence that a person reads. */

export const domainInput = { domain: domainField(), domainOwner: Type.Optional(accountField()) }

export const repositoryInput = { ...domainInput, repository: repositoryField() }

export const formatField = Type.Unsafe<FormatId>(
  Type.Enum([...formatIds], { rule: `must be one of ${formatIds.join(', ')}` }),
)

export { flag }

/** Text of some length without control characters. */
export function text(charactersMax: number, charactersMin = 1) {
  return Type.String({
    pattern: `^\\P{C}{${charactersMin},${charactersMax}}$`,
    rule: `must be ${charactersMin} to ${charactersMax} characters without control characters`,
  })
}

export function oneOf<const Values extends string[]>(values: readonly [...Values]) {
  return Type.Enum(values, { rule: `must be one of ${values.join(', ')}` })
}

export function wholeNumber(minimum: number, maximum: number) {
  return Type.Integer({ minimum, maximum, rule: `must be a whole number from ${minimum} to ${maximum}` })
}

/** `2026-01-31T10:20:30.400Z`, or with an offset. */
export const time = Type.String({ format: 'date-time', rule: 'must be a time, as 2026-01-31T10:20:30Z' })

/** `2026-01-31` */
export const day = Type.String({ format: 'date', rule: 'must be a day, as 2026-01-31' })

export const pageInput = {
  maxResults: Type.Optional(wholeNumber(1, 1000)),
  /** Checked by its MAC, which says more than a pattern could. */
  nextToken: Type.Optional(Type.String({ rule: 'must be text' })),
}

/** A page of a list: its items under a name of their own, and where the next one begins. */
export function pageOf<Name extends string, Item extends TSchema>(name: Name, item: Item) {
  const items = { [name]: Type.Array(item) } as { readonly [Key in Name]: ReturnType<typeof Type.Array<Item>> }
  return Type.Object({ ...items, nextToken: Type.Optional(Type.String()) })
}

/** Unit: ms since 1970. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** A token that is absent is left out. */
export function nextPage(nextToken: string | undefined): { nextToken?: string } {
  return nextToken === undefined ? {} : { nextToken }
}
