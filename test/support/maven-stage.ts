import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TestContext } from 'node:test'
import {
  ListPackageVersionAssetsCommand,
  type PackageVersionStatus,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact'
import { MavenWire } from './maven-wire.ts'
import { firstDomain, type Packyard, startPackyard } from './packyard.ts'

export const sum = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex')

/** A server with an empty repository `team`, for packages of the group `com.acme`. */
export class MavenStage {
  readonly yard: Packyard
  readonly wire: MavenWire

  constructor(yard: Packyard, wire: MavenWire) {
    this.yard = yard
    this.wire = wire
  }

  /** A package, or a version of it, as the operations name it. */
  named(artifact: string, version?: string) {
    const place = { domain: firstDomain, repository: 'team', format: 'maven', namespace: 'com.acme' } as const
    return { ...place, package: artifact, packageVersion: version }
  }

  /** `1.0 Published INTERNAL` */
  versions(artifact: string): Promise<string[]> {
    return this.yard.versions('team', `@com.acme/${artifact}`, 'maven')
  }

  /** Names, each with the beginning of its SHA-256. */
  async assets(artifact: string, version: string): Promise<string[]> {
    const found = await this.yard.sdk.send(new ListPackageVersionAssetsCommand(this.named(artifact, version)))
    return (found.assets ?? []).map(({ name, hashes }) => `${name} ${hashes?.['SHA-256']?.slice(0, 8)}`)
  }

  async setStatus(artifact: string, version: string, targetStatus: PackageVersionStatus): Promise<void> {
    const input = { ...this.named(artifact), versions: [version], targetStatus }
    const { failedVersions } = await this.yard.sdk.send(new UpdatePackageVersionsStatusCommand(input))
    assert.deepEqual(failedVersions, {})
  }
}

/** Quiet versions are finished after a second, and a version may have eight files. */
export async function startMaven(t: TestContext): Promise<MavenStage> {
  const env = { PACKYARD_FINISH_QUIET_SECONDS: '1', PACKYARD_ASSETS_PER_VERSION_MAX: '8' }
  const connections = { 'public:maven-central': 'http://127.0.0.1:9/' }
  const yard = await startPackyard(t, { connections, processes: 1, env })
  const repository = await yard.createRepository('team', [])
  return new MavenStage(yard, new MavenWire(await yard.endpoint(repository, 'maven'), await yard.token()))
}
