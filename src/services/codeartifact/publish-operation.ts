import Type from 'typebox'
import type { VersionAddress } from '../../registry/addresses.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { RegistryFormat } from '../../registry/format.ts'
import { publishAsset } from '../../registry/publish-asset.ts'
import { overQuota } from '../../registry/quotas.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import { describeRepository } from '../../registry/repositories.ts'
import * as field from './fields.ts'
import { versionInput } from './inputs.ts'
import { operation, type TargetScope } from './operation.ts'
import { assetSummary, coordinates } from './responses.ts'
import { type Target, type VersionNames, versionTarget } from './targets.ts'

export const publishOperations = {
  PublishPackageVersion: operation({
    http: 'POST /v1/package/version/publish',
    remark: 'Format generic, as in the service. The same asset again succeeds, also when the version is Published.',
    content: 'stream',
    input: {
      ...versionInput,
      assetName: field.assetField,
      unfinished: Type.Optional(field.flagField('unfinished')),
    },
    target: newAssetTarget,
    async run({ parts, registry, caller, call, address, input: { unfinished = false }, content }) {
      const { format, package: name, version, asset } = address
      await describeRepository(registry, address)
      checkDeclaredSize(registry, Number(call.header('content-length') ?? 0))
      const session = await parts.sessions.open(caller, address, format)
      const status = unfinished ? 'Unfinished' : 'Published'
      const published = await publishAsset(session, format, { name, version, asset, status, content })
      return {
        members: {
          ...coordinates(name),
          version,
          versionRevision: published.revision,
          status: published.status,
          asset: assetSummary(published.asset),
        },
      }
    },
  }),
}

interface NewAssetAddress extends VersionAddress {
  readonly format: RegistryFormat
  readonly asset: string
}

/** Source of the refusal: CodeArtifact API reference, "PublishPackageVersion": only generic packages. */
function newAssetTarget(
  input: VersionNames & { readonly assetName: string },
  scope: TargetScope,
): Target<NewAssetAddress> {
  const format = scope.registry.formats.get(input.format)
  if (format?.publishOperation !== 'accepted') {
    const message = `format '${input.format}' cannot be published by PublishPackageVersion: use its package manager`
    throw new RegistryError('unsupported', message, { reason: 'UNKNOWN_OPERATION' })
  }
  const target = versionTarget(input, scope)
  const asset = format.names.parseAsset?.(input.assetName) ?? input.assetName
  return { ...target, address: { ...target.address, format, asset } }
}

/** Refused before a byte of it is read. */
function checkDeclaredSize({ limits }: RegistryParts, sizeBytes: number): void {
  if (sizeBytes > limits.assetBytesMax) throw overQuota('assetBytesMax', limits, { resourceType: 'asset' })
}
