import Type from 'typebox'
import type { VersionOrigin } from '../registry/model.ts'

export const originsParameter = Type.Optional(
  Type.Union([Type.Literal('outside'), Type.Literal('all')], { rule: 'must be "outside" or "all"' }),
)

/** What did not come from an external connection was published here. */
export function isMeant(origins: 'outside' | 'all', origin: VersionOrigin): boolean {
  return origins === 'all' || origin.type === 'EXTERNAL'
}
