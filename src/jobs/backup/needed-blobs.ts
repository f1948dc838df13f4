import type { Bundle } from '../../storage/bundle/bundle.ts'
import { BLOBS_PART, type NeededBlob, readLines } from './manifest.ts'

/** What a snapshot refers to, by domain and hash. */
export async function* neededBlobs(bundle: Bundle, snapshot: string): AsyncGenerator<NeededBlob> {
  for await (const line of readLines(bundle.readPart(snapshot, BLOBS_PART))) {
    const [domainId, sha256, sizeBytes] = JSON.parse(line) as [string, string, number]
    yield { domainId, sha256, sizeBytes }
  }
}
