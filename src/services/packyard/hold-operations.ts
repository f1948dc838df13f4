import Type from 'typebox'
import { addHold, listHolds, removeHold } from '../../registry/holds/change-holds.ts'
import { type Hold, heldAgainst } from '../../registry/holds/hold.ts'
import { parseRepositoryName } from '../../registry/names.ts'
import { domainTarget } from '../codeartifact/targets.ts'
import { domainInput, isoTime, nextPage, oneOf, pageInput, pageOf, text, time } from './fields.ts'
import { operation } from './operation.ts'

/** Holds that are listed at once unless the caller says. Ours. */
const HOLDS_PER_PAGE = 100

const hold = Type.Object({
  id: Type.String(),
  repository: Type.Optional(Type.String()),
  pattern: Type.String(),
  version: Type.String(),
  against: Type.Enum([...heldAgainst]),
  reason: Type.String(),
  createdBy: Type.String(),
  createdAt: time,
  endsAt: Type.Optional(time),
})

export const holdOperations = {
  AddHold: operation({
    http: 'POST /packyard/v1/holds',
    summary: 'Keeps versions of packages from retention, or from any removal, until it is taken back or ends.',
    input: {
      ...domainInput,
      /** Not parsed as one before it is there, so that none is no error of form. */
      repository: Type.Optional(text(100)),
      pattern: text(1_000),
      version: Type.Optional(text(255)),
      against: Type.Optional(oneOf([...heldAgainst])),
      reason: text(1_000),
      endsAt: Type.Optional(time),
    },
    output: Type.Object({ hold }),
    target: domainTarget,
    async run({ registry, caller, address, input }) {
      const { repository, pattern, version = '*', against = 'retention', reason, endsAt } = input
      const added = await addHold(registry, caller, {
        address: { ...address, repository: repository === undefined ? undefined : parseRepositoryName(repository) },
        pattern,
        version,
        against,
        reason,
        endsAt: endsAt === undefined ? undefined : Date.parse(endsAt),
      })
      return { hold: toHold(added) }
    },
  }),
  ListHolds: operation({
    http: 'GET /packyard/v1/holds',
    summary: 'Lists the holds of a domain by pattern, those that have ended too.',
    input: { ...domainInput, ...pageInput },
    output: pageOf('holds', hold),
    target: domainTarget,
    async run({ registry, address, page, nextToken }) {
      const { items, next } = await listHolds(registry, address, page(HOLDS_PER_PAGE))
      return { holds: items.map(toHold), ...nextPage(nextToken(next)) }
    },
  }),
  RemoveHold: operation({
    http: 'DELETE /packyard/v1/holds/{id}',
    summary: 'Takes a hold back.',
    input: { ...domainInput, id: text(100) },
    output: Type.Object({ hold }),
    target: domainTarget,
    async run({ registry, caller, address, input: { id } }) {
      return { hold: toHold(await removeHold(registry, caller, { address, id })) }
    },
  }),
}

function toHold({ repository, createdAt, endsAt, ...rest }: Hold) {
  return {
    ...rest,
    ...(repository !== undefined && { repository }),
    createdAt: isoTime(createdAt),
    ...(endsAt !== undefined && { endsAt: isoTime(endsAt) }),
  }
}
