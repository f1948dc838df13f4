import { repositoryArn } from '../access/arns.ts'
import type { Caller } from '../access/principal.ts'
import { createCatalogues } from './catalogue.ts'
import { type CopyRequest, copyVersions } from './copy.ts'
import type { RegistryFormat } from './format.ts'
import { checkDomainKey } from './domain-key-check.ts'
import { createIngest } from './ingest.ts'
import { createIndexCache } from './index-cache.ts'
import { domainMissing, repositoryMissing } from './missing.ts'
import type { RepositoryAddress } from './addresses.ts'
import type { RegistryParts } from './parts.ts'
import { createSubmissions } from './submissions.ts'
import { createAssetReader } from './read-asset.ts'
import { authorizeRead, RegistrySession, type SessionParts } from './registry-session.ts'
import type { RepositorySession } from './session.ts'
import { createTopologies, type Topology } from './topology.ts'
import { createUpstreamIndexes } from './upstream-index.ts'
import type { VersionsOutcome } from './version-checks.ts'
import { createViewCache } from './view-cache.ts'

/** The data plane's way into the registry. */
export interface Sessions {
  /**
   * Narrows the registry to a caller, a repository and a format. Throws `missing` for a repository that is not there,
   * and `denied` to a caller who could not read it if it were. Answers without a promise when the domain is known.
   */
  open(
    caller: Caller,
    address: RepositoryAddress,
    format: RegistryFormat,
  ): RepositorySession | Promise<RepositorySession>
  /** Brings versions into another repository. The caller has been authorized. Throws `missing` or `invalid`. */
  copyVersions(caller: Caller, request: CopyRequest): Promise<VersionsOutcome>
  /** Writes what is kept in memory for a moment only. Call before the database is closed. */
  flush(): Promise<void>
}

export function createSessions(parts: RegistryParts): Sessions {
  const topologies = createTopologies(parts.metadata)
  const indexes = createUpstreamIndexes(parts)
  const ingest = createIngest(parts)
  const shared: SessionParts = {
    parts,
    indexes,
    indexCache: createIndexCache(parts, indexes),
    viewCache: createViewCache(parts, indexes),
    assets: createAssetReader(parts, indexes),
    catalogues: createCatalogues(parts, indexes),
    submissions: createSubmissions(parts),
  }
  const arns = new WeakMap<RepositoryAddress, string>()
  const arnOf = (address: RepositoryAddress) => {
    let arn = arns.get(address)
    if (arn === undefined) {
      arn = repositoryArn(parts.arns, { owner: address.owner, name: address.domain }, address.repository)
      arns.set(address, arn)
    }
    return arn
  }
  const narrow = (
    topology: Topology | undefined,
    caller: Caller,
    address: RepositoryAddress,
    format: RegistryFormat,
  ) => {
    const node = topology?.byName.get(address.repository)
    const arn = arnOf(address)
    if (topology?.domain.isKeyUsable && node) {
      return new RegistrySession(shared, { topology, node, format }, { caller, arn })
    }
    authorizeRead(parts, caller, arn)
    if (topology && node) checkDomainKey(topology.domain)
    throw topology ? repositoryMissing(address) : domainMissing(address)
  }
  return {
    open(caller, address, format) {
      parts.metadata.epochs.refresh()
      const topology = topologies.find(address.owner, address.domain)
      const preparing = parts.authorizer.prepare(arnOf(address))
      if (topology instanceof Promise || preparing) {
        return Promise.all([topology, preparing]).then(([found]) => narrow(found, caller, address, format))
      }
      return narrow(topology, caller, address, format)
    },
    copyVersions(caller, request) {
      parts.metadata.epochs.refresh()
      return copyVersions({ parts, indexes, ingest, topologies }, caller, request)
    },
    async flush() {
      await Promise.all([indexes.flush(), parts.gates.flush()])
    },
  }
}
