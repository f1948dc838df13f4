import type { AssetSource, Inspection } from '../../registry/format.ts'
import { type CrateArchive, readArchive } from './crate-archive.ts'
import { type Manifest, readManifest } from './manifest.ts'

/** What a `.crate` says of itself. */
export interface CrateContents {
  readonly root: string
  readonly manifest: Manifest
  readonly readme: string | undefined
}

/** Throws `invalid`. */
export async function readCrate(asset: AssetSource): Promise<CrateContents> {
  const archive = await readArchive(asset)
  const manifest = readManifest(archive.manifest)
  return { root: archive.root, manifest, readme: readmeOf(archive, manifest) }
}

function readmeOf({ readmes }: CrateArchive, { readmeFile }: Manifest): string | undefined {
  return readmeFile === undefined ? undefined : readmes.get(readmeFile) || undefined
}

/** What the index line of a crate does not tell. */
export async function inspect(asset: AssetSource): Promise<Inspection> {
  const { manifest, readme } = await readCrate(asset)
  return { document: { manifest: manifest.kept }, readme }
}
