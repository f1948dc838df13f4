import { refused } from '../../registry/errors.ts'
import type { AssetSource, Inspection } from '../../registry/format.ts'
import { parsePom, type Pom, POM_BYTES_MAX } from './pom.ts'

/** A POM speaks for its version; no other file does. Throws `invalid` on a POM that cannot be read. */
export async function inspect(asset: AssetSource): Promise<Inspection | undefined> {
  if (!asset.name.endsWith('.pom')) return undefined
  return { document: { pom: await readPom(asset) }, readme: undefined }
}

export async function readPom(asset: AssetSource): Promise<Pom> {
  if (asset.sizeBytes > POM_BYTES_MAX) throw refused(`the POM has more than ${POM_BYTES_MAX} bytes`)
  return parsePom(Buffer.concat(await asset.open().toArray()))
}
