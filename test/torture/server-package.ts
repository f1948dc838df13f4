import { createHash } from 'node:crypto'
import { bytesOf, makePackage, type PackageFields } from '../support/npm-package.ts'
import { VERSION } from './open-yard.ts'
import type { Random } from './random.ts'

/** What npm publishes: its name stands in its bytes. */
export function packageFor(name: string, random: Random): PackageFields {
  return { name, version: VERSION, ...(random() < 0.2 ? { noiseBytes: 700_000 } : {}) }
}

export async function digestOf(fields: PackageFields): Promise<string> {
  return createHash('sha256')
    .update(await bytesOf(await makePackage(fields)))
    .digest('hex')
}
