import type { AssetSource, Inspection } from '../../registry/format.ts'
import type { ZipRules } from '../zip.ts'
import { readDependencies } from './manifest.ts'
import { ARCHIVE_ASSET } from './names.ts'
import type { ReleaseContents } from './release.ts'
import { openSourceArchive } from './source-archive.ts'

/** What an archive says of its package. */
export interface ArchiveContents {
  readonly contents: ReleaseContents
  readonly readme: string | undefined
}

/** As the registry asks for it; undefined for what lies beside the archive. Throws `invalid`. */
export async function inspect(asset: AssetSource): Promise<Inspection | undefined> {
  if (asset.name !== ARCHIVE_ASSET) return undefined
  const { contents, readme } = await readArchive(asset, 'lenient')
  return { document: { contents }, readme }
}

/** Reads an archive, trusting nothing in it. Throws `invalid`. */
export async function readArchive(asset: AssetSource, rules: ZipRules): Promise<ArchiveContents> {
  const { sizeBytes } = asset
  const archive = await openSourceArchive({ sizeBytes, open: (start) => asset.open(start) }, rules)
  const [first] = await archive.manifests()
  const licenseFile = archive.files.filter((file) => /^licen[cs]e(?:[.-][\w.-]{1,30})?$/i.test(file)).sort()[0]
  const dependencies = first ? readDependencies(first.bytes) : []
  return { contents: { licenseFile, dependencies }, readme: await archive.readme() }
}
