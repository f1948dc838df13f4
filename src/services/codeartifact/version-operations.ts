import Type from 'typebox'
import { assetFromInput } from '../../registry/name-rules.ts'
import { listAssets, openAsset } from '../../registry/version-assets.ts'
import { deleteVersions, disposeVersions, updateVersionsStatus } from '../../registry/version-changes.ts'
import { listDependencies } from '../../registry/version-dependencies.ts'
import { readReadme } from '../../registry/version-readme.ts'
import { describeVersion, listVersions } from '../../registry/versions.ts'
import { versionsOf } from './batch.ts'
import * as field from './fields.ts'
import { packageInput, repositoryInput, packageIdentity, versionInput, versionsInput } from './inputs.ts'
import { operation } from './operation.ts'
import {
  assetSummary,
  coordinates,
  dependencySummary,
  versionDescription,
  versionsOutcome,
  versionSummary,
} from './responses.ts'
import { packageTarget, repositoryResource, versionTarget } from './targets.ts'

/** Source: CodeArtifact User Guide, "List package versions". */
const VERSIONS_PER_PAGE = 50
/** Unverified: the service's number is not documented. */
const ASSETS_PER_PAGE = 50

export const versionOperations = {
  ListPackageVersions: operation({
    http: 'POST /v1/package/versions',
    input: {
      ...packageInput,
      status: Type.Optional(field.statusField('status')),
      sortBy: Type.Optional(field.sortBy),
      originType: Type.Optional(field.originType),
      ...field.pageFields(),
    },
    target: packageTarget,
    async run({ registry, address, input: { status, originType, sortBy }, page, nextToken }) {
      const order = sortBy === undefined ? 'version' : 'published-time'
      const wanted = { filter: { status, originType }, order } as const
      const { items, next, defaultDisplayVersion } = await listVersions(
        registry,
        address,
        wanted,
        page(VERSIONS_PER_PAGE),
      )
      const versions = items.map(versionSummary)
      const members = { ...coordinates(address.package), versions, defaultDisplayVersion, nextToken: nextToken(next) }
      return { members }
    },
  }),
  DescribePackageVersion: operation({
    http: 'GET /v1/package/version',
    input: versionInput,
    target: versionTarget,
    async run({ registry, address }) {
      const version = await describeVersion(registry, address)
      return { members: { packageVersion: versionDescription(address.package, version) } }
    },
  }),
  GetPackageVersionReadme: operation({
    http: 'GET /v1/package/version/readme',
    input: versionInput,
    target: versionTarget,
    async run({ registry, address }) {
      const { readme, held } = await readReadme(registry, address)
      const { version, revision } = held
      return { members: { ...coordinates(address.package), version, versionRevision: revision, readme } }
    },
  }),
  ListPackageVersionDependencies: operation({
    http: 'POST /v1/package/version/dependencies',
    input: { ...versionInput, nextToken: Type.Optional(field.tokenField('next-token')) },
    target: versionTarget,
    async run({ registry, address, page, nextToken }) {
      const { items, next, held } = await listDependencies(registry, address, page(1).after)
      const { version, revision } = held
      const dependencies = items.map(dependencySummary)
      const header = { ...coordinates(address.package), version, versionRevision: revision }
      return { members: { ...header, dependencies, nextToken: nextToken(next) } }
    },
  }),
  ListPackageVersionAssets: operation({
    http: 'POST /v1/package/version/assets',
    input: { ...versionInput, ...field.pageFields() },
    target: versionTarget,
    async run({ registry, address, page, nextToken }) {
      const { items, next, held } = await listAssets(registry, address, page(ASSETS_PER_PAGE))
      const { version, revision } = held
      const header = { ...coordinates(address.package), version, versionRevision: revision }
      return { members: { ...header, assets: items.map(assetSummary), nextToken: nextToken(next) } }
    },
  }),
  GetPackageVersionAsset: operation({
    http: 'GET /v1/package/version/asset',
    input: { ...versionInput, asset: field.assetField, packageVersionRevision: Type.Optional(field.revisionField) },
    target: versionTarget,
    async run({ registry, address, input: { asset: given, packageVersionRevision: revision } }) {
      const name = assetFromInput(registry, address.package.format, given)
      const { asset, held, content } = await openAsset(registry, address, { asset: name, revision })
      const headers = {
        'Content-Type': 'application/octet-stream',
        'Content-Length': asset.sizeBytes,
        'X-AssetName': headerText(asset.name),
        'X-PackageVersion': headerText(held.version),
        'X-PackageVersionRevision': held.revision,
      }
      return { content, headers }
    },
  }),
  CopyPackageVersions: operation({
    http: 'POST /v1/package/versions/copy',
    input: {
      domain: repositoryInput.domain,
      domainOwner: repositoryInput.domainOwner,
      sourceRepository: field.repositoryField('source-repository'),
      destinationRepository: field.repositoryField('destination-repository'),
      ...packageIdentity,
      versions: Type.Optional(field.versions),
      versionRevisions: Type.Optional(field.versionRevisions),
      allowOverwrite: Type.Optional(field.flag),
      includeFromUpstream: Type.Optional(field.flag),
    },
    target(input, scope) {
      const target = packageTarget({ ...input, repository: input.destinationRepository }, scope)
      const destination = repositoryResource(scope, target.address)
      const source = repositoryResource(scope, { ...target.address, repository: input.sourceRepository })
      const also = [
        { action: 'codeartifact:CopyPackageVersions', resource: destination },
        { action: 'codeartifact:ReadFromRepository', resource: source },
      ]
      return { ...target, also }
    },
    async run({ parts, registry, caller, address, input }) {
      const { sourceRepository: source, versions, versionRevisions, allowOverwrite = false } = input
      const { includeFromUpstream = false } = input
      const named = versionsOf(registry, address, {
        versions: versions ?? [],
        ...(versionRevisions && { versionRevisions }),
      })
      const outcome = await parts.sessions.copyVersions(caller, {
        address,
        source,
        versions: versions && named.versions,
        revisions: named.revisions,
        onDifferent: allowOverwrite ? 'overwrite' : 'refuse',
        lookIn: includeFromUpstream ? 'source and upstreams' : 'source',
      })
      return { members: versionsOutcome(outcome) }
    },
  }),
  DeletePackageVersions: operation({
    http: 'POST /v1/package/versions/delete',
    input: versionsInput,
    target: packageTarget,
    async run({ registry, caller, address, input }) {
      const change = versionsOf(registry, address, input)
      return { members: versionsOutcome(await deleteVersions(registry, caller, change)) }
    },
  }),
  DisposePackageVersions: operation({
    http: 'POST /v1/package/versions/dispose',
    input: { ...versionsInput, versionRevisions: Type.Optional(field.versionRevisions) },
    target: packageTarget,
    async run({ registry, caller, address, input }) {
      const change = versionsOf(registry, address, input)
      return { members: versionsOutcome(await disposeVersions(registry, caller, change)) }
    },
  }),
  UpdatePackageVersionsStatus: operation({
    http: 'POST /v1/package/versions/update_status',
    input: {
      ...versionsInput,
      versionRevisions: Type.Optional(field.versionRevisions),
      targetStatus: field.statusField(),
    },
    target: packageTarget,
    async run({ registry, caller, address, input }) {
      const change = { ...versionsOf(registry, address, input), target: input.targetStatus }
      return { members: versionsOutcome(await updateVersionsStatus(registry, caller, change)) }
    },
  }),
}

/** Unverified: the service's encoding is not documented. Headers carry no more than printable ASCII. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]+/gu, (part) => encodeURIComponent(part))
}
