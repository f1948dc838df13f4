import Type from 'typebox'
import { invalid } from '../../registry/errors.ts'
import { parseGroupPattern } from '../../registry/group-pattern.ts'
import { checkVersionPattern } from '../../registry/holds/hold.ts'
import { patternsSchema } from '../exceptions.ts'
import { defineKind } from '../kind.ts'
import type { RetentionParameters } from '../retention/parameters.ts'

const days = (most: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: most, rule: `must be a number of days from 1 to ${most}` }))

const versionPatterns = Type.Optional(
  Type.Array(Type.String({ rule: 'must be a version, in which "*" stands for any text' }), {
    maxItems: 100,
    rule: 'must be a list of at most 100 versions, in which "*" stands for any text',
  }),
)

const statuses = ['Published', 'Unfinished', 'Unlisted', 'Archived', 'Disposed'] as const

/** Versions that nobody needs any more go, every night. It decides nothing about those that come and go meanwhile. */
export const retention = defineKind({
  id: 'retention',
  summary: 'Removes versions that are old or that nobody uses.',
  isApprovable: false,
  parameters: {
    origins: Type.Optional(
      Type.Union([Type.Literal('outside'), Type.Literal('inside'), Type.Literal('all')], {
        rule: 'must be "outside", "inside" or "all"',
      }),
    ),
    only: Type.Optional(patternsSchema),
    except: Type.Optional(patternsSchema),
    statuses: Type.Optional(
      Type.Array(Type.Union(statuses.map((status) => Type.Literal(status))), {
        minItems: 1,
        maxItems: statuses.length,
        rule: `must be a list of ${statuses.join(', ')}`,
      }),
    ),
    versions: versionPatterns,
    unusedDays: days(3650),
    olderThanDays: days(3650),
    keepNewest: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 10_000, rule: 'must be a number of versions from 0 to 10000' }),
    ),
    keepNewestOf: Type.Optional(
      Type.Union([Type.Literal('package'), Type.Literal('snapshot')], { rule: 'must be "package" or "snapshot"' }),
    ),
    keepVersions: versionPatterns,
    tagged: Type.Optional(
      Type.Union([Type.Literal('keep'), Type.Literal('remove')], { rule: 'must be "keep" or "remove"' }),
    ),
    own: Type.Optional(
      Type.Union([Type.Literal('dispose'), Type.Literal('delete')], { rule: 'must be "dispose" or "delete"' }),
    ),
    confirmAbovePercent: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, rule: 'must be a percentage from 1 to 100' }),
    ),
  },
  check: (parameters) => checkRetention(parameters as RetentionParameters),
})

/** A rule that means every version there is was not meant so. */
function checkRetention({ unusedDays, olderThanDays, keepNewest, ...parameters }: RetentionParameters): void {
  if (unusedDays === undefined && olderThanDays === undefined && keepNewest === undefined) {
    const rule = 'must have at least one of unusedDays, olderThanDays and keepNewest for retention'
    throw invalid('parameters', JSON.stringify(parameters), rule)
  }
  if (parameters.keepNewestOf !== undefined && keepNewest === undefined) {
    throw invalid('parameters.keepNewestOf', parameters.keepNewestOf, 'must come with keepNewest')
  }
  for (const pattern of [...(parameters.only ?? []), ...(parameters.except ?? [])]) parseGroupPattern(pattern)
  for (const pattern of parameters.versions ?? []) checkVersionPattern('parameters.versions', pattern)
  for (const pattern of parameters.keepVersions ?? []) checkVersionPattern('parameters.keepVersions', pattern)
}
