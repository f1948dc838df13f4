import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RegistryFormat } from './format.ts'
import type { Asset } from './model.ts'
import type { PackageName } from './names.ts'
import type { PublishOutcome, RepositorySession } from './session.ts'

/** One asset of a version, named by whoever publishes it: of formats in which a version is its assets and no more. */
export interface AssetDraft {
  readonly name: PackageName
  readonly version: string
  readonly asset: string
  readonly status: 'Published' | 'Unfinished'
  /** May fail at its end, when the bytes are not those that were announced: nothing is stored then. */
  readonly content: Readable
}

export interface PublishedAsset extends PublishOutcome {
  readonly asset: Asset
}

/** Streams the bytes in, then publishes them; sending the same again succeeds. Throws what `publish` throws. */
export async function publishAsset(
  session: RepositorySession,
  format: Pick<RegistryFormat, 'inspect' | 'facts'>,
  { name, version, asset, status, content }: AssetDraft,
): Promise<PublishedAsset> {
  await session.authorizePublish(name)
  await using staged = await session.stageAsset()
  await pipeline(content, staged.writable)
  const sealed = await staged.sealed()
  const found = await format.inspect(staged.source(asset))
  const document = found?.document ?? {}
  const outcome = await session.publish({
    name,
    version,
    status,
    document,
    facts: format.facts(document),
    readme: found?.readme,
    assets: [{ name: asset, staged }],
    tags: [],
    tagsIfAbsent: [],
  })
  return { ...outcome, asset: { name: asset, ...sealed } }
}
