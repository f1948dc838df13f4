import Type, { type Static } from 'typebox'
import { findAdvisoryById } from '../../governance/advisories/find-by-id.ts'
import { listFeeds } from '../../governance/advisories/feeds.ts'
import { listFindings } from '../../governance/advisories/list-findings.ts'
import { worstFirst } from '../../governance/advisories/match.ts'
import { type Advisory, findAdvisories, severities } from '../../registry/advisories.ts'
import { createAffectedTest, fixedVersions } from '../../registry/affected-versions.ts'
import { RegistryError } from '../../registry/errors.ts'
import { packageFromInput } from '../../registry/name-rules.ts'
import { type NameRules, packageKey } from '../../registry/names.ts'
import { domainTarget, packageTarget } from '../codeartifact/targets.ts'
import {
  domainInput,
  formatField,
  isoTime,
  nextPage,
  pageInput,
  pageOf,
  repositoryInput,
  text,
  time,
} from './fields.ts'
import { operation } from './operation.ts'
import { installationTarget, nothing } from './targets.ts'

const severity = Type.Enum([...severities])

const advisory = Type.Object({
  id: Type.String(),
  aliases: Type.Array(Type.String()),
  summary: Type.String(),
  severity: Type.Optional(severity),
  score: Type.Optional(Type.Number()),
  vector: Type.Optional(Type.String()),
  weaknesses: Type.Array(Type.String()),
  url: Type.String(),
  publishedAt: time,
  modifiedAt: time,
  fixedVersions: Type.Array(Type.String()),
})

const packageFields = { format: Type.String(), namespace: Type.Optional(Type.String()), package: Type.String() }

export const advisoryOperations = {
  ListAdvisoryFeeds: operation({
    http: 'GET /packyard/v1/advisory-feeds',
    summary: 'Lists where known vulnerabilities are read, how old each is, and since when one cannot be read.',
    input: {},
    output: Type.Object({
      feeds: Type.Array(
        Type.Object({
          id: Type.String(),
          importedAt: Type.Optional(time),
          checkedAt: Type.Optional(time),
          advisories: Type.Optional(Type.Integer()),
          failure: Type.Optional(Type.Object({ since: time, error: Type.String() })),
        }),
      ),
    }),
    target: installationTarget('advisory-feed/*'),
    async run({ registry }) {
      const feeds = await listFeeds(registry.metadata)
      return {
        feeds: feeds.map(({ id, importedAt, checkedAt, counts, failure }) => ({
          id,
          ...(importedAt !== undefined && { importedAt: isoTime(importedAt) }),
          ...(checkedAt !== undefined && { checkedAt: isoTime(checkedAt) }),
          ...(counts && { advisories: counts.advisories }),
          ...(failure && { failure: { since: isoTime(failure.since), error: failure.error } }),
        })),
      }
    },
  }),
  GetAdvisory: operation({
    http: 'GET /packyard/v1/advisories/{id}',
    summary: 'Says what is known of a vulnerability, by any of its names: once for each package that it is about.',
    action: 'none',
    input: { id: text(100) },
    output: Type.Object({ advisories: Type.Array(Type.Object({ ...packageFields, advisory })) }),
    target: nothing,
    async run({ registry, input: { id } }) {
      const found = await findAdvisoryById(registry.metadata.db, id)
      if (found.length === 0) throw new RegistryError('missing', `nothing is known of '${id}'`)
      return {
        advisories: found.map(({ package: name, advisory: known }) => {
          return { ...shownPackage(name), advisory: toAdvisory(known, registry.formats.get(name.format)?.names) }
        }),
      }
    },
  }),
  ListPackageAdvisories: operation({
    http: 'GET /packyard/v1/packages/advisories',
    summary: 'Lists what is known of a package, or of one version of it; the worst first.',
    input: {
      ...repositoryInput,
      format: formatField,
      namespace: Type.Optional(text(255)),
      package: text(255),
      version: Type.Optional(text(255)),
    },
    /** `isKnown`: whether anything was imported for the format at all. */
    output: Type.Object({ isKnown: Type.Boolean(), advisories: Type.Array(advisory) }),
    target: packageTarget,
    async run({ registry, input: { format, namespace, package: text, version } }) {
      const name = packageFromInput(registry, format, namespace, text)
      const found = await findAdvisories(registry.advisories, format, [name])
      const names = registry.formats.get(format)?.names
      const all = worstFirst(found?.get(packageKey(name)) ?? [])
      const about = all.filter(({ affected }) => {
        return version === undefined || !names || createAffectedTest(names, affected)(version)
      })
      return { isKnown: found !== undefined, advisories: about.map((each) => toAdvisory(each, names)) }
    },
  }),
  ListVulnerabilityFindings: operation({
    http: 'GET /packyard/v1/vulnerability-findings',
    summary: 'Lists versions in use with known vulnerabilities, and the repositories that keep them.',
    input: { ...domainInput, ...pageInput },
    output: pageOf(
      'findings',
      Type.Object({
        ...packageFields,
        version: Type.String(),
        advisoryId: Type.String(),
        severity: Type.Optional(Type.String()),
        repositories: Type.Array(Type.String()),
        foundAt: time,
      }),
    ),
    target: domainTarget,
    async run({ registry, address, page, nextToken }) {
      const { items, next } = await listFindings(registry.metadata.db, address, page(100))
      const findings = items.map(({ name, foundAt, severity: word, repositories, ...rest }) => ({
        ...rest,
        ...shownPackage(name),
        ...(word !== undefined && { severity: word }),
        repositories: [...repositories],
        foundAt: isoTime(foundAt),
      }))
      return { findings, ...nextPage(nextToken(next)) }
    },
  }),
}

function shownPackage({ format, namespace, name }: { format: string; namespace: string; name: string }) {
  return { format, ...(namespace !== '' && { namespace }), package: name }
}

function toAdvisory(known: Advisory, names: NameRules | undefined): Static<typeof advisory> {
  const { id, aliases, summary, severity: word, score, vector, cwes, url, publishedAt, modifiedAt, affected } = known
  return {
    id,
    aliases: [...aliases],
    summary,
    ...(word !== undefined && { severity: word }),
    ...(score !== undefined && { score }),
    ...(vector !== undefined && { vector }),
    weaknesses: [...cwes],
    url,
    publishedAt: isoTime(publishedAt),
    modifiedAt: isoTime(modifiedAt),
    fixedVersions: names ? fixedVersions(names, affected) : [],
  }
}
