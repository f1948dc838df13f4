import type { RegistryFormat } from './format.ts'
import type { HeldVersion } from './held-versions.ts'
import type { Asset, VersionStatus } from './model.ts'

/** What becomes of a publish, given what the repository holds under the same version. */
export type PublishPlan =
  | { readonly kind: 'create' }
  | { readonly kind: 'extend'; readonly added: readonly Asset[]; readonly status: VersionStatus }
  | { readonly kind: 'unchanged' }
  /** `exists`: it would change what stands. `finished`: nothing more may be added. `gone`: Archived or Disposed. */
  | { readonly kind: 'refuse'; readonly because: 'exists' | 'finished' | 'gone' }

/**
 * The same bytes again are a client's retry and succeed; other bytes under a name that stands are refused, in every
 * status. Source: CodeArtifact User Guide, "Package version and asset immutability".
 */
export function planPublish(
  held: HeldVersion | undefined,
  assets: readonly Asset[],
  status: 'Published' | 'Unfinished',
  growth: RegistryFormat['growth'],
  mutability: 'fixed' | 'mutable' = 'fixed',
): PublishPlan {
  if (!held) return { kind: 'create' }
  if (held.status === 'Archived' || held.status === 'Disposed') return { kind: 'refuse', because: 'gone' }
  const isFinished = growth === 'until published' && held.status !== 'Unfinished'
  if (isFinished && held.status !== 'Published') return { kind: 'refuse', because: 'finished' }
  const standing = new Map(held.assets.map((asset) => [asset.name, asset.sha256]))
  const added = assets.filter((asset) => standing.get(asset.name) !== asset.sha256)
  if (mutability === 'fixed' && added.some(({ name }) => standing.has(name))) {
    return { kind: 'refuse', because: isFinished ? 'finished' : 'exists' }
  }
  const next = held.status === 'Unfinished' ? status : held.status
  if (added.length === 0 && next === held.status) return { kind: 'unchanged' }
  if (added.length > 0) {
    if (isFinished) return { kind: 'refuse', because: 'finished' }
    if (growth === 'fixed' || held.origin.type !== 'INTERNAL') return { kind: 'refuse', because: 'exists' }
  }
  return { kind: 'extend', added, status: next }
}
